/**
 * Fidelity and diversity of generated samples: precision and recall (Kynkäänniemi et al. 2019), density and coverage
 * (Naeem et al. 2020), of vectors in a feature space.
 */
import { checkVectors, distancesBetween, type FeatureVector, neighbourDistances } from './distances';

export interface PrecisionRecallOptions {
  /** k: a ball reaches to the k-th nearest neighbour. @default 5, as Naeem et al.; Kynkäänniemi et al. use 3 */
  k?: number;
}

/** A vector's ball is closed; its radius is the distance to the k-th nearest other vector of the same kind. */
export interface PrecisionRecall {
  /** Share of generated vectors that lie in the ball of a real one, 0 … 1: fidelity. */
  precision: number;
  /**
   * Share of real vectors that lie in the ball of a generated one, 0 … 1: diversity. null if at most k are generated:
   * they have no balls.
   */
  recall: number | null;
  /**
   * Mean number of real balls in which a generated vector lies, divided by k. About 1 for real samples; may exceed 1.
   */
  density: number;
  /**
   * Share of real vectors whose ball holds a generated one, 0 … 1: diversity. At most n · k · density balls, so it is
   * low for few samples.
   */
  coverage: number;
}

/**
 * Precision, recall, density and coverage of generated samples against real ones. All four depend on the numbers of
 * both, so compare only sets of the same size, against the same real ones.
 * @param real features of real images, more than k
 * @param generated features of the samples, of the same length
 * @throws on empty lists, vectors of different lengths, values that are not finite, and k outside 1 … real.length - 1
 * @example precisionRecall(real, generated, { k: 3 }).recall
 */
export function precisionRecall(
  real: readonly FeatureVector[],
  generated: readonly FeatureVector[],
  { k = 5 }: PrecisionRecallOptions = {},
): PrecisionRecall {
  checkVectors('real', real);
  checkVectors('generated', generated, real);
  if (!Number.isInteger(k) || k < 1 || k >= real.length) {
    throw new Error(
      `Expected 'k' to be a whole number of 1 … ${real.length - 1} (real vectors less one), got ${k}. Take more real images or a smaller k.`,
    );
  }
  const distances = distancesBetween(generated, real);
  const radii = neighbourDistances(real, k);
  const balls = distances.map((row) => row.reduce((count, one, j) => count + Number(one <= radii[j]!), 0));
  const covered = real.filter((_, j) => distances.some((row) => row[j]! <= radii[j]!));
  return {
    precision: share(balls.filter((count) => count > 0).length, generated.length),
    recall: generated.length > k ? recall(distances, neighbourDistances(generated, k)) : null,
    density: balls.reduce((sum, count) => sum + count, 0) / (k * generated.length),
    coverage: share(covered.length, real.length),
  };
}

/** @param distances of generated vectors (rows) to real ones. @param radii of the generated ones' balls */
function recall(distances: readonly Float64Array[], radii: Float64Array): number {
  const reached = Array.from(distances[0]!, (_, j) => distances.some((row, i) => row[j]! <= radii[i]!));
  return share(reached.filter(Boolean).length, reached.length);
}

const share = (some: number, all: number): number => some / all;
