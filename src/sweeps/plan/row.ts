/** One run of a sweep as a row of its table. */
import type { Measure, Point } from './sweep';

/** A point's state: its result is there, nobody has worked it out, or its last run failed. */
export type RowStatus = 'done' | 'missing' | 'failed';

/** One run: every setting, the seed, the status, and the measures where it's done. */
export interface Row {
  point: Point;
  status: RowStatus;
  measures: Readonly<Record<string, Measure>>;
  /** What went wrong, in the stage that failed: the run's own, or one that it takes from. */
  error?: string | undefined;
  /** The log of the failed attempt. */
  log?: string | undefined;
}
