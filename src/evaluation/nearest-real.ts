/** Whether generated samples are copies: their distances to the nearest real ones. */
import { checkVectors, distancesBetween, type FeatureVector, neighbourDistances } from './distances';

export interface NearestRealOptions {
  /**
   * A sample is a copy when its nearest real vector is within this share of the usual distance between real neighbours.
   * Our choice; no paper defines it. 0 counts only exact copies. @default 0.5
   */
  copyShare?: number;
}

/** One generated sample. */
export interface NearestReal {
  /** Position of the nearest real vector; the first one wins a tie. */
  real: number;
  /** Euclidean distance to it. */
  distance: number;
  copy: boolean;
}

export interface NearestRealReport {
  /** One per generated sample, in order. */
  samples: NearestReal[];
  /**
   * Median distance of a real vector to its nearest other one, the unit of 'near'. 0 if at least half have a duplicate.
   */
  usual: number;
  /** Number of samples that are copies. */
  copies: number;
}

/**
 * Finds each generated sample's nearest real one, and the samples too close to count as new.
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
