/** A sweep's progress as one line: runs, the pieces of each stage, the time left. */
import { type OnProgress, type StatusLineOptions, statusLine } from '../common';

export interface TerminalProgress {
  onProgress: OnProgress;
  /** Writes a line of news above the progress. */
  news(line: string): void;
  /** The last state, and the end of the line. */
  close(): void;
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
    onProgress({ label, done, total, detail = '' }) {
      const isRuns = label === 'runs';
      counts.set(label, `${done}/${total}${detail && !isRuns ? ` (${detail})` : ''}`);
      if (isRuns) left = detail;
      line.show(state());
    },
    news: line.news,
    close: line.end,
  };
}
