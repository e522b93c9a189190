/**
 * D3HR's group sampling (Zhao et al. 2025, section 4.3): of many random groups of draws, the one most like the
 * Gaussian.
 */
import { breathe, type LongTask, RandomStream } from '../../engine';

/** A Gaussian with a diagonal covariance. */
export interface DiagonalGaussian {
  mean: Float64Array;
  /** Standard deviations, unbiased. */
  deviation: Float64Array;
}

/** Mean and deviation of each value over the vectors. @throws when there are fewer than two */
export function fitGaussian(vectors: readonly Float32Array[]): DiagonalGaussian {
  if (vectors.length < 2) throw new Error(`Expected at least 2 latents to fit a Gaussian to, got ${vectors.length}.`);
  return momentsOf(vectors);
}

/**
 * Distance of a group from its Gaussian: ‖mean - μ‖ + ‖deviation - σ‖ + 0.1 ‖skewness‖. As released, a member's
 * skewness sums its values cubed, standardised over the group, times D / ((D - 1)(D - 2)) for D values. A group of one
 * has no deviation: its score is that of the mean alone.
 */
export function groupScore(group: readonly Float32Array[], { mean, deviation }: DiagonalGaussian): number {
  const own = momentsOf(group);
  const distance = (a: Float64Array, b: Float64Array): number =>
    Math.sqrt(a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0));
  const score = distance(own.mean, mean);
  if (group.length === 1) return score;
  const size = mean.length;
  const factor = size / ((size - 1) * (size - 2));
  const skewness = group.map((vector) => {
    let sum = 0;
    for (let i = 0; i < size; i++) {
      const standard = (vector[i]! - own.mean[i]!) / own.deviation[i]!;
      sum += standard * standard * standard;
    }
    return factor * sum;
  });
  return score + distance(own.deviation, deviation) + 0.1 * Math.hypot(...skewness);
}

export interface GroupOptions extends Pick<LongTask, 'signal'> {
  /** Vectors per group. */
  size: number;
  /** Number of groups to draw. */
  groups: number;
  /** Group g depends only on (seed, path, g), so that a larger number of groups contains a smaller one. */
  seed: number;
  path: readonly (string | number)[];
}

/** Groups between two checks of the signal. */
const STRETCH = 200;

/**
 * The best of `groups` groups drawn from the Gaussian, and its score (lower is better).
 * @throws an AbortError when stopped
 */
export async function bestGroup(
  gaussian: DiagonalGaussian,
  { size, groups, seed, path, signal }: GroupOptions,
): Promise<{ group: Float32Array[]; score: number }> {
  let best: { group: Float32Array[]; score: number } = { group: [], score: Number.POSITIVE_INFINITY };
  for (let g = 0; g < groups; g++) {
    if (g % STRETCH === 0) await breathe(signal);
    const stream = new RandomStream(seed, 'group sampling', ...path, g);
    const group = Array.from({ length: size }, () => drawnFrom(gaussian, stream));
    const score = groupScore(group, gaussian);
    if (score < best.score) best = { group, score };
  }
  if (best.group.length === 0) throw new Error(`Expected a finite score of one of ${groups} groups, got none.`);
  return best;
}

function drawnFrom({ mean, deviation }: DiagonalGaussian, stream: RandomStream): Float32Array {
  const vector = stream.fillNormal(new Float32Array(mean.length));
  for (let i = 0; i < vector.length; i++) vector[i] = mean[i]! + deviation[i]! * vector[i]!;
  return vector;
}

function momentsOf(vectors: readonly Float32Array[]): DiagonalGaussian {
  const count = vectors.length;
  const mean = new Float64Array(vectors[0]!.length);
  for (const vector of vectors) for (let i = 0; i < mean.length; i++) mean[i]! += vector[i]! / count;
  const deviation = new Float64Array(mean.length);
  for (const vector of vectors) for (let i = 0; i < mean.length; i++) deviation[i]! += (vector[i]! - mean[i]!) ** 2;
  return { mean, deviation: deviation.map((sum) => Math.sqrt(sum / (count - 1))) };
}
