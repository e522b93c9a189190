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

/**
 * Half the width of the interval around 0 that holds `share` of Student's t.
 * @param degrees of freedom, a whole number of at least 1
 * @example studentQuantile(4) // 2.776
 */
export function studentQuantile(degrees: number, share = 0.95): number {
  let [low, high] = [0, Math.PI / 2];
  // In the angle whose tangent is t / √degrees the share is a finite sum; halving finds it to the last digit.
  for (let round = 0; round < 60; round++) {
    const middle = (low + high) / 2;
    if (shareWithin(middle, degrees) < share) low = middle;
    else high = middle;
  }
  return Math.sqrt(degrees) * Math.tan((low + high) / 2);
}

/** Share of Student's t between −√degrees · tan(angle) and √degrees · tan(angle) (Abramowitz and Stegun, 26.7.3 and 26.7.4). */
function shareWithin(angle: number, degrees: number): number {
  const [sine, cosine] = [Math.sin(angle), Math.cos(angle)];
  const isOdd = degrees % 2 === 1;
  let term = isOdd ? cosine : 1;
  let sum = degrees === 1 ? 0 : term;
  for (let i = isOdd ? 3 : 2; i < degrees; i += 2) {
    term *= (cosine * cosine * (i - 1)) / i;
    sum += term;
  }
  return isOdd ? (2 / Math.PI) * (angle + sine * sum) : sine * sum;
}

/** '50.2 ± 0.4', or '50.2' where there is no spread; '–' where there is no value. */
export function formatSummary(summary: (Pick<Summary, 'mean'> & Partial<Summary>) | undefined, digits = 1): string {
  if (!summary || !Number.isFinite(summary.mean)) return '–';
  const mean = fixed(summary.mean, digits);
  return Number.isFinite(summary.sd) ? `${mean} ± ${summary.sd?.toFixed(digits)}` : mean;
}
