/** Past run times of stages, on this machine where known, and the bytes that they stored. */
import type { StageRecord } from '../store/record';
import type { Store } from '../store/store';

/** Of one piece of a stage's work: seconds as 10 %, 50 % and 90 % quantile, and bytes kept (median). */
export interface PastCost {
  low: number;
  median: number;
  high: number;
  bytes: number;
  /** Number of records behind the estimate. */
  n: number;
  /** Whether they're of this machine. */
  here: boolean;
}

/** Records looked at: enough for quantiles, few enough for a plan of thousands. */
const SAMPLE = 200;

/** The cost of a stage's past work; undefined where it never ran. */
export function pastCost(store: Store, stage: string, machine: string): PastCost | undefined {
  const records: StageRecord[] = [];
  for (const record of store.records(stage)) {
    records.push(record);
    if (records.length >= SAMPLE) break;
  }
  if (records.length === 0) return undefined;
  const mine = records.filter((record) => record.machine === machine);
  const drawn = mine.length > 0 ? mine : records;
  const seconds = drawn.map((record) => record.seconds).sort((a, b) => a - b);
  const bytes = drawn.map(bytesOf).sort((a, b) => a - b);
  return {
    low: quantile(seconds, 0.1),
    median: quantile(seconds, 0.5),
    high: quantile(seconds, 0.9),
    bytes: quantile(bytes, 0.5),
    n: drawn.length,
    here: mine.length > 0,
  };
}

/** Bytes that a record keeps in the store. */
export function bytesOf(record: StageRecord): number {
  return record.blobs.reduce((sum, { size }) => sum + size, record.document?.length ?? 0);
}

function quantile(sorted: readonly number[], q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))]!;
}
