/** A run's record, kept up to date while it goes on: `gc` leaves what a run has made or is about to, though it be killed. */
import { asError } from '../errors';
import { readRun, type RunRecord, writeRun } from '../store/run-record';
import type { Store } from '../store/store';
import { countText } from '../words';
import type { Scheduler } from './scheduler';

/** Milliseconds between two writes. */
const EVERY = 5000;

export interface RunKeeper {
  /** Writes the last state. One that came to its end replaces its earlier record; one that was cut short adds to it. */
  close(hasEnded: boolean): Promise<void>;
}

/** Says that a run's record could not be written: on a full disk or in a read-only store the outputs are still worth having. */
export function sayUnwritten(error: unknown, log: (line: string) => void = console.error): void {
  log(`The run's record could not be written: ${asError(error).message}`);
}

/**
 * Writes down, now and then, every key that a run needs.
 * @param points the points of a sweep as they stand
 */
export function keepRun(
  store: Store,
  id: string,
  scheduler: Scheduler,
  points: () => Pick<RunRecord, 'points' | 'failures'> = () => ({ points: {}, failures: {} }),
): RunKeeper {
  const started = new Date().toISOString();
  const earlier = readRun(store, id);
  const asked = countText(scheduler.targets.map(({ stage }) => stage.name));
  let written = 0;
  const write = async (hasEnded: boolean) => {
    const keys = new Map(
      hasEnded ? [] : Object.entries(earlier?.keys ?? {}).map(([stage, some]) => [stage, new Set(some)]),
    );
    for (const [{ stage }, { key, pieces }] of scheduler.resolved) {
      const known = keys.get(stage.name) ?? new Set();
      keys.set(stage.name, known);
      for (const piece of pieces ?? [{ key }]) known.add(piece.key);
    }
    if (keys.size === 0) return;
    await writeRun(store, {
      id,
      of: asked,
      started,
      finished: new Date().toISOString(),
      pinned: readRun(store, id)?.pinned ?? false,
      keys: Object.fromEntries([...keys].map(([stage, set]) => [stage, [...set]])),
      ...points(),
    });
  };
  let writing: Promise<void> | undefined;
  const timer = setInterval(() => {
    if (writing || scheduler.resolved.size === written) return;
    written = scheduler.resolved.size;
    // On a full disk the run itself says so.
    writing = write(false)
      .catch(() => undefined)
      .finally(() => {
        writing = undefined;
      });
  }, EVERY).unref();
  return {
    async close(hasEnded) {
      clearInterval(timer);
      await writing;
      await write(hasEnded);
    },
  };
}
