/** How near each generated sample is to a real one: is it a copy? */
import { checkVectors, distancesBetween, type FeatureVector, neighbourDistances } from './distances';

export interface NearestRealOptions {
  /**
   * A sample is a copy when its nearest real vector is within this share of the usual distance between real neighbours.
   * Ours: no paper has it. 0 takes only what is the same. @default 0.5
   */
  copyShare?: number;
}

/** One generated sample. */
export interface NearestReal {
  /** Position of the nearest real vector; the first of equals. */
  real: number;
  /** Euclidean. */
  distance: number;
  copy: boolean;
}

export interface NearestRealReport {
  /** One per generated sample, in order. */
  samples: NearestReal[];
  /** Median distance of a real vector to its nearest other one: what 'near' is measured by. 0 when half of them have a duplicate. */
  usual: number;
  /** Number of samples that are copies. */
  copies: number;
}

/**
 * Finds each generated sample's nearest real one, and those that are too near to be called new.
 * @param real at least two
 * @throws on fewer than two real vectors, none generated, different lengths, values that are not finite, a negative share
 */
export function nearestReal(
  real: readonly FeatureVector[],
  generated: readonly FeatureVector[],
  { copyShare = 0.5 }: NearestRealOptions = {},
): NearestRealReport {
  checkVectors('real', real);
  checkVectors('generated', generated, real);
  if (real.length < 2)
    throw new Error('Expected at least two real vectors, to know how far real ones lie apart, got 1.');
  if (!(copyShare >= 0)) throw new Error(`Expected 'copyShare' of 0 or more, got ${copyShare}.`);
  const usual = median(neighbourDistances(real, 1));
  const samples = distancesBetween(generated, real).map((row) => {
    const distance = row.reduce((least, one) => Math.min(least, one));
    return { real: row.indexOf(distance), distance, copy: distance <= copyShare * usual };
  });
  return { samples, usual, copies: samples.filter(({ copy }) => copy).length };
}

function median(values: Float64Array): number {
  const sorted = values.toSorted();
  const middle = sorted.length / 2;
  return (sorted[Math.ceil(middle) - 1]! + sorted[Math.floor(middle)]!) / 2;
}
