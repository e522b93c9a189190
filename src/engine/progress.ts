/** How every long function of the library reports its progress and is stopped. */
import { cellSignal, type OnProgress, type Progress } from '../common';

export { cellSignal, type OnProgress, type Progress };

/** Mixed into the options of every long function. */
export interface LongTask {
  /** Stops the work at the next step with an AbortError. Default: the running notebook cell's interrupt. */
  signal?: AbortSignal | undefined;
  /** Called after each unit of work. */
  onProgress?: OnProgress | undefined;
}

/**
 * Yields to the event loop (displays, timers, interrupts), then throws if the work was told to stop.
 * @throws the signal's reason (an AbortError) once it is aborted
 */
export async function breathe(signal: AbortSignal | undefined = cellSignal()): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve));
  signal?.throwIfAborted();
}

/**
 * Counts finished units and reports progress, with the time left at the average pace so far.
 * @returns a function that adds finished units, with an optional detail for the report
 */
export function pacedProgress(
  onProgress: OnProgress | undefined,
  { label, total, now = () => performance.now() }: { label: string; total: number; now?: () => number },
): (units: number, detail?: string) => void {
  const started = now();
  let done = 0;
  return (units, detail) => {
    done += units;
    const secondsLeft = ((now() - started) / 1000 / done) * (total - done);
    onProgress?.({ label, done, total, secondsLeft, ...(detail !== undefined && { detail }) });
  };
}
