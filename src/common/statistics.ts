/** Means and spreads over seeds. */
import { fixed } from './units';

/** A sample's mean, standard deviation and size. */
export interface Summary {
  mean: number;
  /** Sample standard deviation (divided by n − 1); NaN for a single value, which has no spread to show. */
  sd: number;
  /** Number of values. */
  n: number;
}

/**
 * Mean and sample standard deviation.
 * @throws RangeError when there are no values.
 * @example meanAndDeviation([49.8, 50.2, 50.6]) // { mean: 50.2, sd: 0.4, n: 3 }
 */
export function meanAndDeviation(values: readonly number[] | Float32Array | Float64Array): Summary {
  const n = values.length;
  if (n === 0) throw new RangeError('Expected `values` to hold at least one number, got none. Run at least one seed.');
  let sum = 0;
  for (const value of values) sum += value;
  const mean = sum / n;
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  return { mean, sd: n > 1 ? Math.sqrt(squares / (n - 1)) : Number.NaN, n };
}

/**
 * 95 % confidence interval of the mean (Student's t), from a summary.
 * @returns [low, high]; both the mean itself when n = 1.
 */
export function confidenceInterval({ mean, sd, n }: Summary): [low: number, high: number] {
  if (n < 2) return [mean, mean];
  const half = (studentQuantile(n - 1) * sd) / Math.sqrt(n);
  return [mean - half, mean + half];
}

// t(0.975; df) for df = 1 … 10, where the expansion below is not yet exact to three digits.
const SMALL = [12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.306, 2.2622, 2.2281];

/** The 0.975 quantile of Student's t (Cornish–Fisher expansion beyond ten degrees of freedom). */
function studentQuantile(degrees: number): number {
  const small = SMALL[degrees - 1];
  if (small !== undefined) return small;
  const z = 1.959964;
  const first = (z ** 3 + z) / 4;
  const second = (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96;
  const third = (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384;
  return z + first / degrees + second / degrees ** 2 + third / degrees ** 3;
}

/** '50.2 ± 0.4', or '50.2' where there is no spread; '–' where there is no value. */
export function formatSummary(summary: (Pick<Summary, 'mean'> & Partial<Summary>) | undefined, digits = 1): string {
  if (!summary || !Number.isFinite(summary.mean)) return '–';
  const mean = fixed(summary.mean, digits);
  return Number.isFinite(summary.sd) ? `${mean} ± ${summary.sd?.toFixed(digits)}` : mean;
}
