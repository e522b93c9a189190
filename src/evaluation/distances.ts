/** Distances between vectors in a feature space, for measures of generated samples. */

/** A point in a feature space; all vectors of one call have the same length. */
export type FeatureVector = ArrayLike<number>;

/** Euclidean distance of each of `from` (rows) to each of `to`. Double precision, exactly symmetric. */
export function distancesBetween(from: readonly FeatureVector[], to: readonly FeatureVector[]): Float64Array[] {
  return from.map((a) => Float64Array.from(to, (b) => distance(a, b)));
}

/**
 * Distance of each vector to its k-th nearest other one: NND_k. A duplicate counts as another one, at distance 0.
 * @param k 1 … vectors - 1
 */
export function neighbourDistances(vectors: readonly FeatureVector[], k: number): Float64Array {
  const radii = distancesBetween(vectors, vectors).map((row, i) => {
    const others = row.filter((_, j) => j !== i).sort();
    return others[k - 1]!;
  });
  return Float64Array.from(radii);
}

/** @throws when there is no vector, one has another length than the first of `like`, or a value is not finite */
export function checkVectors(name: string, vectors: readonly FeatureVector[], like = vectors): void {
  const width = like[0]?.length;
  if (vectors.length === 0 || !width) {
    throw new Error(`Expected '${name}' to hold at least one vector of at least one value, got ${vectors.length}.`);
  }
  for (const [i, vector] of vectors.entries()) {
    if (vector.length !== width) {
      throw new Error(`Expected vectors of ${width} values, got ${vector.length} in '${name}', vector ${i}.`);
    }
    for (let j = 0; j < width; j++) {
      if (Number.isFinite(vector[j])) continue;
      throw new Error(
        `Expected finite values, got ${vector[j]} in '${name}', vector ${i}, value ${j}. Look at the images, or the network.`,
      );
    }
  }
}

function distance(a: FeatureVector, b: FeatureVector): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2;
  return Math.sqrt(sum);
}
