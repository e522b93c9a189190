/** What pieces of work cost, and the parameters by which past work is found again. */
import { canonical, type Json } from '../canonical';
import type { StageRecord } from '../store/record';
import { leavesOf } from './leaves';

/** Of one piece of a stage's work: seconds as 10 %, 50 % and 90 % quantile, and bytes kept (median). */
export interface Cost {
  low: number;
  median: number;
  high: number;
  bytes: number;
  /** Number of records behind the estimate. */
  n: number;
}

/** The cost of some pieces that are done; at least one. @param amount of the work that is asked about; default: theirs */
export function costOf(
  records: readonly Pick<StageRecord, 'seconds' | 'blobs' | 'document' | 'amount'>[],
  amount?: number,
): Cost {
  const seconds = records.map((record) => record.seconds * share(amount, record.amount)).sort((a, b) => a - b);
  const bytes = records.map(bytesOf).sort((a, b) => a - b);
  return {
    low: quantile(seconds, 0.1),
    median: quantile(seconds, 0.5),
    high: quantile(seconds, 0.9),
    bytes: quantile(bytes, 0.5),
    n: records.length,
  };
}

/** What work of an amount takes of the time of other work; 1 where either is unknown. */
export const share = (amount: number | undefined, other: number | undefined): number =>
  amount !== undefined && other ? amount / other : 1;

/** Bytes that a record keeps in the store. */
export function bytesOf(record: Pick<StageRecord, 'blobs' | 'document'>): number {
  return record.blobs.reduce((sum, { size }) => sum + size, record.document?.length ?? 0);
}

/** Parameters as text by their path, without seeds. */
export type Fields = ReadonlyMap<string, string>;

export function fieldsOf(parameters: Json): Fields {
  const leaves = [...leavesOf(parameters, '')].filter(([path]) => !/seed$/i.test(path));
  return new Map(leaves.map(([path, value]) => [path, canonical(value)]));
}

function quantile(sorted: readonly number[], q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))]!;
}
