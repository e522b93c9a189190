/** K-means by matrix products against ml-kmeans, whose draws and decisions it repeats. */
import { describe, expect, it } from 'vitest';
import { memoryReport, RandomStream } from '../../../src/engine';
import { kMeans } from '../../../src/methods/diffusion-driven-selection/k-means';

/** Points around some centres, with an offset that a matrix product in single precision could choke on. */
function points(count: number, { length = 12, groups = 6, offset = 20, seed = 0 } = {}): Float32Array[] {
  const random = new RandomStream(seed, 'points');
  const vector = () => Float32Array.from({ length }, () => random.normal());
  const centres = Array.from({ length: groups }, vector);
  return Array.from({ length: count }, (_, i) => {
    return vector().map((value, j) => offset + 3 * centres[i % groups]![j]! + value);
  });
}

const both = (vectors: readonly Float32Array[], clusters: number, seed = 0) =>
  (['ml-kmeans', 'matrix products'] as const).map((by) => kMeans(vectors, { clusters, seed, by }));

describe('k-means by matrix products', () => {
  it.each([
    [300, 6, 0],
    [300, 32, 1],
    [200, 1, 2],
    [40, 40, 3],
  ])('assigns %i vectors to %i clusters as ml-kmeans does (seed %i)', (count, clusters, seed) => {
    const [reference, ours] = both(points(count, { seed }), clusters, seed);
    expect(Array.from(ours!.assignment)).toEqual(Array.from(reference!.assignment));
    for (const [k, centre] of ours!.centroids.entries()) {
      Array.from(centre).forEach((value, i) => {
        expect(value).toBeCloseTo(reference!.centroids[k]![i]!, 4);
      });
    }
  });

  it('takes vectors that are all the same', () => {
    const same = Array.from({ length: 9 }, () => Float32Array.of(1, 2, 3));
    const { assignment, centroids } = kMeans(same, { clusters: 1, seed: 0, by: 'matrix products' });
    expect(new Set(Array.from(assignment)).size).toBe(1);
    expect(Array.from(centroids[0]!)).toEqual([1, 2, 3]);
  });

  it('leaves no tensor behind', () => {
    const before = memoryReport().tensors;
    kMeans(points(100), { clusters: 5, seed: 0, by: 'matrix products' });
    expect(memoryReport().tensors).toBe(before);
  });
});
