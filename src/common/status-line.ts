/** A progress line: rewritten in place in a terminal, a new line now and then in a log file. */

export interface StatusLineOptions {
  /** Whether a line can be rewritten. Default: false. */
  isTerminal?: boolean;
  /** Width of the terminal, in characters. Default: no limit. */
  columns?: number;
  /** Minimum time between two lines, in milliseconds. Default: 100 in a terminal, 10,000 in a file. */
  every?: number;
  /** The clock, in milliseconds. Default: since the process began. */
  now?(): number;
}

export interface StatusLine {
  /** Sets the state, and writes it unless one was written less than `every` ago. */
  show(state: string): void;
  /** Writes a permanent line above the state. */
  news(line: string): void;
  /** Writes the last state, and ends its line. */
  end(): void;
}

const CLEAR = '\r\x1b[K';

/** @param write where the text goes */
export function statusLine(write: (text: string) => unknown, options: StatusLineOptions = {}): StatusLine {
  const { isTerminal = false, columns = Number.POSITIVE_INFINITY } = options;
  const { every = isTerminal ? 100 : 10_000, now = () => performance.now() } = options;
  let state = '';
  let shown = '';
  let written = Number.NEGATIVE_INFINITY;
  const put = () => {
    const line = isTerminal ? state.slice(0, columns) : state;
    if (line === shown) return;
    [shown, written] = [line, now()];
    write(isTerminal ? `${CLEAR}${line}` : `${line}\n`);
  };
  return {
    show(next) {
      state = next;
      if (now() - written >= every) put();
    },
    news(line) {
      write(isTerminal ? `${CLEAR}${line}\n` : `${line}\n`);
      shown = '';
    },
    end() {
      put();
      if (isTerminal && shown) write('\n');
      shown = '';
    },
  };
}
