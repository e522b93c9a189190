/** Groups result rows that differ only in their seed, each group with its mean and interval. */
import { pickFields } from './published';
import { expectRows, measuredNumber, type ResultRow, type Scalar } from './results';
import { confidenceInterval, meanAndDeviation } from '../common';

/**
 * The interval around a mean: `sd`, one sample standard deviation to each side, as in tables; `confidence`, the
 * 95 % confidence interval of the mean (Student's t); `range`, from the minimum to the maximum.
 */
export type IntervalKind = 'sd' | 'confidence' | 'range';

/** A group of rows that differ only in their seed. */
export interface Group {
  fields: Record<string, Scalar>;
  values: number[];
  mean: number;
  /** Sample standard deviation; null for one value. */
  sd: number | null;
  n: number;
  /** The interval; both ends are the mean for one value. */
  low: number;
  high: number;
}

export interface GroupOptions {
  /** The measured field. */
  value: string;
  /** Multiply by 100. Default: false. */
  percent?: boolean;
  /** Default: 'sd'. */
  interval?: IntervalKind;
}

/**
 * Groups rows by `fields` and summarises the numbers in `value`. Rows whose value is null were not run and are left out.
 * @throws TypeError when a row lacks a field, or a value is neither null nor a finite number; RangeError for an unknown
 *   interval.
 */
export function groups(
  rows: readonly ResultRow[],
  fields: readonly string[],
  { value, percent = false, interval = 'sd' }: GroupOptions,
): Group[] {
  expectRows(rows);
  if (!Object.hasOwn(INTERVAL_TEXT, interval)) {
    throw new RangeError(`Expected interval to be one of ${Object.keys(INTERVAL_TEXT).join(', ')}, got ${interval}.`);
  }
  const found = new Map<string, { fields: Record<string, Scalar>; values: number[] }>();
  for (const row of rows) {
    if (row[value] === null) continue;
    const number = measuredNumber(row, value);
    const at = pickFields(row, fields);
    const key = JSON.stringify(at);
    const group = found.get(key) ?? { fields: at, values: [] };
    group.values.push(percent ? number * 100 : number);
    found.set(key, group);
  }
  return [...found.values()].map(({ fields: at, values }) => {
    const summary = meanAndDeviation(values);
    const { mean, n } = summary;
    const sd = Number.isNaN(summary.sd) ? null : summary.sd;
    const [low, high] = intervalOf(values, interval);
    return { fields: at, values, mean, sd, n, low, high };
  });
}

/** The ends of a group's interval. @see IntervalKind */
function intervalOf(values: readonly number[], kind: IntervalKind): [low: number, high: number] {
  if (kind === 'range') return [Math.min(...values), Math.max(...values)];
  const summary = meanAndDeviation(values);
  if (kind === 'confidence') return confidenceInterval(summary);
  const sd = Number.isNaN(summary.sd) ? 0 : summary.sd;
  return [summary.mean - sd, summary.mean + sd];
}

const INTERVAL_TEXT: Record<IntervalKind, string> = {
  sd: 'Mean ± sd',
  confidence: 'Mean and 95 % interval',
  range: 'Mean, from least to greatest',
};

/** The values of a field in order of appearance. */
export function distinct(rows: readonly ResultRow[], field: string): Scalar[] {
  return [...new Set(rows.map((row) => row[field] ?? null))];
}

/** 'Mean ± sd, n = 5', 'Mean and 95 % interval, n = 3–5', or 'One run each (n = 1)': what a chart of groups shows. */
export function intervalText(found: readonly Pick<Group, 'n'>[], interval: IntervalKind = 'sd'): string {
  if (found.length === 0) return '';
  const counts = found.map(({ n }) => n);
  const [low, high] = [Math.min(...counts), Math.max(...counts)];
  if (high === 1) return 'One run each (n = 1)';
  const count = low === high ? `n = ${low}` : `n = ${low}–${high}`;
  return `${INTERVAL_TEXT[interval]}, ${count}`;
}
