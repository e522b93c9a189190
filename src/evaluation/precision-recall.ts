/**
 * Are generated samples like real ones, and do they show all that real ones show? Precision and recall (Kynkäänniemi et
 * al. 2019), density and coverage (Naeem et al. 2020), of vectors in a feature space.
 */
import { checkVectors, distancesBetween, type FeatureVector, neighbourDistances } from './distances';

export interface PrecisionRecallOptions {
  /** Nearest neighbours that a ball reaches to. @default 5, as Naeem et al.; Kynkäänniemi et al. have 3 */
  k?: number;
}

/** The ball of a vector has its distance to its k-th nearest other one of the same kind as radius, and holds its rim. */
export interface PrecisionRecall {
  /** Share of generated vectors that lie in the ball of a real one, 0 … 1: fidelity. */
  precision: number;
  /** Share of real vectors that lie in the ball of a generated one, 0 … 1: diversity. null with k generated ones or fewer, which have no balls. */
  recall: number | null;
  /** Balls of real vectors in which a generated one lies, in k: mean over the generated ones. Near 1 for real ones; may be more. */
  density: number;
  /** Share of real vectors whose ball holds a generated one, 0 … 1: diversity. A few samples lie in few balls: n · k · density of them. */
  coverage: number;
}

/**
 * Precision, recall, density and coverage of generated samples against real ones. All four depend on how many of each
 * there are: compare only sets of one size against the same real ones.
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
