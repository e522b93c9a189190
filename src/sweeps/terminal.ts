/** A run's progress as text: one line that is written over in a terminal, a line now and then in a log file. */
import type { OnProgress } from './stage/context';

export interface TerminalProgressOptions {
  /** Whether a line can be written over. */
  isTerminal?: boolean;
  /** Characters that fit a terminal's line. Default: no limit. */
  columns?: number;
  /** Milliseconds between two lines. Default: 100 in a terminal, 10,000 in a file. */
  every?: number;
  /** The clock, in milliseconds. */
  now?(): number;
}

export interface TerminalProgress {
  onProgress: OnProgress;
  /** Writes a line of news above the progress. */
  news(line: string): void;
  /** The last state, and the end of the line. */
  close(): void;
}

/** @param write where the text goes */
export function terminalProgress(
  write: (text: string) => void,
  options: TerminalProgressOptions = {},
): TerminalProgress {
  const { isTerminal = false, columns = Number.POSITIVE_INFINITY } = options;
  const { every = isTerminal ? 100 : 10_000, now = () => performance.now() } = options;
  const counts = new Map<string, string>();
  let left = '';
  let written = Number.NEGATIVE_INFINITY;
  let shown = '';
  const line = (): string => {
    const { runs, ...stages } = Object.fromEntries(counts);
    const parts = Object.entries(stages).map(([name, count]) => `${name} ${count}`);
    return [runs === undefined ? '' : `runs ${runs}`, ...parts, left].filter(Boolean).join(' · ').slice(0, columns);
  };
  const show = () => {
    if (counts.size === 0 || line() === shown) return;
    shown = line();
    written = now();
    write(isTerminal ? `\r\x1b[K${shown}` : `${shown}\n`);
  };
  return {
    onProgress({ label, done, total, detail = '' }) {
      const isRuns = label === 'runs';
      counts.set(label, `${done}/${total}${detail && !isRuns ? ` (${detail})` : ''}`);
      if (isRuns) left = detail;
      if (now() - written >= every) show();
    },
    news(text) {
      write(isTerminal ? `\r\x1b[K${text}\n` : `${text}\n`);
      shown = '';
    },
    close() {
      show();
      if (isTerminal && shown) write('\n');
    },
  };
}
