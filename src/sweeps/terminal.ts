/** A sweep's progress as one line: runs, the pieces of each stage, the time left. */
import { duration, type OnProgress, type StatusLineOptions, statusLine } from '../common';

export interface TerminalProgress {
  onProgress: OnProgress;
  /** Writes a line of news above the progress. */
  news(line: string): void;
  /** The last state, and the end of the line. */
  close(): void;
}

/** A stream that may be a terminal, as process.stderr. */
export interface TerminalStream {
  write(text: string): unknown;
  isTTY?: boolean;
  columns?: number;
}

/** What a stream says of itself. */
export function terminalOf({ isTTY, columns = 100 }: TerminalStream): StatusLineOptions {
  return isTTY ? { isTerminal: true, columns: columns - 1 } : {};
}

/** Prints to standard output: where commands write by default. */
export const printed = (text: string): void => void process.stdout.write(text);

/** One count as a line on standard error, with the time that is left at the pace until now. Ends its line at the total. */
export function countProgress(stream: TerminalStream = process.stderr): OnProgress {
  const line = statusLine((text) => stream.write(text), terminalOf(stream));
  const began = performance.now();
  return ({ label, done, total, detail }) => {
    const left = ((performance.now() - began) / 1000 / done) * (total - done);
    const time = done > 0 && done < total ? `${duration(left)} left` : '';
    line.show([`${label} ${done}/${total}`, time, detail ?? ''].filter(Boolean).join(' · '));
    if (done >= total) line.end();
  };
}

/** @param write where the text goes */
export function terminalProgress(write: (text: string) => void, options: StatusLineOptions = {}): TerminalProgress {
  const line = statusLine(write, options);
  const counts = new Map<string, string>();
  let left = '';
  const state = (): string => {
    const { runs, ...stages } = Object.fromEntries(counts);
    const parts = Object.entries(stages).map(([name, count]) => `${name} ${count}`);
    return [runs === undefined ? '' : `runs ${runs}`, ...parts, left].filter(Boolean).join(' · ');
  };
  return {
    onProgress({ label, done, total, secondsLeft, detail = '' }) {
      const isRuns = label === 'runs';
      counts.set(label, `${done}/${total}${detail && !isRuns ? ` (${detail})` : ''}`);
      const time = secondsLeft === undefined ? '' : `about ${duration(secondsLeft)} left`;
      if (isRuns) left = [time, detail].filter(Boolean).join(', ');
      line.show(state());
    },
    news: line.news,
    close: line.end,
  };
}
