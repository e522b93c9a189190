/** Exact t-SNE: embeds points of a feature space in the plane (van der Maaten and Hinton, JMLR 9, 2008). */
import { breathe, type LongTask, RandomStream } from '../engine';
import { checkVectors, distancesBetween, type FeatureVector } from './distances';

export interface TsneOptions extends LongTask {
  /** Effective number of neighbours of a point, 1 … (points − 1) / 3. @default 30 */
  perplexity?: number;
  /** Steps of gradient descent. @default 750 */
  iterations?: number;
  /** Seed of the initial positions. */
  seed?: number;
}

/** A position in the plane. */
export type PlanePoint = [x: number, y: number];

/**
 * Early exaggeration: for so many steps similarities count twelvefold, so that clusters form (section 3.4;
 * scikit-learn's numbers).
 */
const EXAGGERATED = { steps: 250, by: 12 };
const MOMENTUM = { early: 0.5, late: 0.8 };
const LEAST = 1e-12;

/**
 * Position of each vector in the plane, in order.
 * @param vectors [N][values], at least 4
 * @throws when vectors differ in length or are not finite, and when the perplexity is out of its range
 */
export async function tsne(
  vectors: readonly FeatureVector[],
  { perplexity = 30, iterations = 750, seed = 0, signal, onProgress }: TsneOptions = {},
): Promise<PlanePoint[]> {
  checkVectors('vectors', vectors);
  const n = vectors.length;
  const most = (n - 1) / 3;
  if (!(perplexity >= 1 && perplexity <= most)) {
    throw new Error(
      `Expected a perplexity of 1 … ${most.toFixed(1)} for ${n} vectors (a third of the others), got ${perplexity}.`,
    );
  }
  const similar = jointSimilarities(vectors, perplexity);
  const stream = new RandomStream(seed, 't-SNE');
  const at = Float64Array.from({ length: 2 * n }, () => 1e-4 * stream.normal());
  const velocity = new Float64Array(2 * n);
  const gains = new Float64Array(2 * n).fill(1);
  // Grows with the number of points (Belkina et al., Nature Communications 10, 2019).
  const rate = Math.max(n / EXAGGERATED.by / 4, 50);
  for (let step = 0; step < iterations; step++) {
    const early = step < EXAGGERATED.steps;
    const slope = gradient(at, similar, early ? EXAGGERATED.by : 1);
    for (let i = 0; i < at.length; i++) {
      // A gain grows while the gradient keeps its sign (Jacobs, 1988), as in the authors' code.
      gains[i] = Math.max(0.01, Math.sign(slope[i]!) === Math.sign(velocity[i]!) ? gains[i]! * 0.8 : gains[i]! + 0.2);
      velocity[i] = (early ? MOMENTUM.early : MOMENTUM.late) * velocity[i]! - rate * gains[i]! * slope[i]!;
      at[i] = at[i]! + velocity[i]!;
    }
    await breathe(signal);
    onProgress?.({ label: 't-SNE', done: step + 1, total: iterations });
  }
  return Array.from({ length: n }, (_, i) => [at[2 * i]!, at[2 * i + 1]!]);
}

/**
 * Symmetric similarities p_ij [N·N], which sum to 1: for each point a Gaussian of the width that gives its neighbours the
 * wanted perplexity (equation 1), both directions averaged.
 */
export function jointSimilarities(vectors: readonly FeatureVector[], perplexity: number): Float64Array {
  const n = vectors.length;
  const given = distancesBetween(vectors, vectors).map((row, i) =>
    conditional(
      row.map((distance) => distance ** 2),
      i,
      perplexity,
    ),
  );
  const joint = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++)
      if (i !== j) joint[i * n + j] = Math.max((given[i]![j]! + given[j]![i]!) / (2 * n), LEAST);
  return joint;
}

/** p_j|i of one point. Its precision is found by halving until the entropy is the logarithm of the perplexity. */
function conditional(squared: Float64Array, self: number, perplexity: number): Float64Array {
  const wanted = Math.log(perplexity);
  const nearest = squared.reduce((least, value, j) => (j === self ? least : Math.min(least, value)), Infinity);
  let [low, high, precision] = [0, Infinity, 1];
  const shares = new Float64Array(squared.length);
  for (let round = 0; round < 100; round++) {
    let [sum, weighted] = [0, 0];
    for (let j = 0; j < squared.length; j++) {
      // Relative to the nearest point, so that the sum can't vanish.
      const away = squared[j]! - nearest;
      shares[j] = j === self ? 0 : Math.exp(-precision * away);
      sum += shares[j]!;
      weighted += shares[j]! * away;
    }
    const entropy = Math.log(sum) + (precision * weighted) / sum;
    for (let j = 0; j < shares.length; j++) shares[j] = shares[j]! / sum;
    if (Math.abs(entropy - wanted) < 1e-6) break;
    if (entropy > wanted) low = precision;
    else high = precision;
    precision = high === Infinity ? 2 * precision : (low + high) / 2;
  }
  return shares;
}

/** Kullback–Leibler divergence of the similarities in the plane from those given (equation 2). @param at [2·N] */
export function divergence(at: Float64Array, similar: Float64Array): number {
  const { near, sum } = nearness(at);
  let total = 0;
  for (const [k, p] of similar.entries()) if (p > 0) total += p * Math.log(p / Math.max(near[k]! / sum, LEAST));
  return total;
}

/** Of the divergence, by place [2·N] (equation 5). @param exaggeration of the similarities */
export function gradient(at: Float64Array, similar: Float64Array, exaggeration = 1): Float64Array {
  const n = at.length / 2;
  const { near, sum } = nearness(at);
  const slope = new Float64Array(2 * n);
  for (let i = 0; i < n; i++) {
    let [x, y] = [0, 0];
    for (let j = 0; j < n; j++) {
      const close = near[i * n + j]!;
      const pull = 4 * (exaggeration * similar[i * n + j]! - close / sum) * close;
      x += pull * (at[2 * i]! - at[2 * j]!);
      y += pull * (at[2 * i + 1]! - at[2 * j + 1]!);
    }
    slope[2 * i] = x;
    slope[2 * i + 1] = y;
  }
  return slope;
}

/** Student's t of one degree of freedom between all places [N·N], zero for a place and itself (equation 4). */
function nearness(at: Float64Array): { near: Float64Array; sum: number } {
  const n = at.length / 2;
  const near = new Float64Array(n * n);
  let sum = 0;
  for (let i = 0; i < n; i++)
    for (let j = 0; j < i; j++) {
      const close = 1 / (1 + (at[2 * i]! - at[2 * j]!) ** 2 + (at[2 * i + 1]! - at[2 * j + 1]!) ** 2);
      near[i * n + j] = close;
      near[j * n + i] = close;
      sum += 2 * close;
    }
  return { near, sum };
}
