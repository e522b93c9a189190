import { describe, expect, it } from 'vitest';
import { candidatePatches, type ScoredImage } from '../../../src/methods/diffusion-driven-selection/candidates';
import { rankedClusters } from '../../../src/methods/diffusion-driven-selection/cluster';
import { patchFeatures } from '../../../src/methods/diffusion-driven-selection/patch-features';
import { factorOf, selectPatches } from '../../../src/methods/diffusion-driven-selection/select';

/** A 4 × 4 latent of an image of 8 × 8 pixels, highest at one corner. */
function scored(id: string, peak: 0 | 3, height = 1, size = { height: 8, width: 8 }): ScoredImage {
  const values = new Float32Array(16);
  values[peak === 0 ? 0 : 15] = height;
  return { id, map: { values, height: 4, width: 4 }, ...size };
}
const settings = { clusters: 0, topClusters: 2, imagesPerClass: 1, clusteringSeed: 0, factor: 1 };

describe('candidatePatches', () => {
  it('finds the best patch of each image, and says which image it is of', () => {
    const { patches } = candidatePatches([scored('a', 0), scored('b', 3)], { patchSize: 4, candidatesPerImage: 1 });
    expect(patches.map(({ image, box }) => [image, box.top, box.left])).toEqual([
      [0, 0, 0],
      [1, 4, 4],
    ]);
  });

  it('takes the middle square of an image that is wider than high as a whole', () => {
    const wide = scored('a', 0, 1, { height: 8, width: 12 });
    const { patches } = candidatePatches([wide], { patchSize: 'image', candidatesPerImage: 5 });
    expect(patches).toHaveLength(1);
    expect(patches[0]!.box).toEqual({ top: 0, left: 2, size: 8 });
  });

  it('names the image whose map holds no number, or which is too small', () => {
    const broken = scored('b', 0);
    broken.map.values[3] = Number.NaN;
    const options = { patchSize: 4, candidatesPerImage: 1 };
    expect(() => candidatePatches([scored('a', 0), broken], options)).toThrow('got NaN for image b');
    expect(() => candidatePatches([scored('a', 0)], { ...options, patchSize: 9 })).toThrow(
      '9 pixels for image a of 8 × 8',
    );
    expect(() => candidatePatches([scored('a', 0)], { ...options, candidatesPerImage: 0 })).toThrow(
      'at least 1 candidate',
    );
  });
});

describe('selectPatches', () => {
  const images = ['a', 'b', 'c', 'd', 'e', 'f'].map((id, i) => scored(id, 0, 1 + i));
  const found = candidatePatches(images, { patchSize: 4, candidatesPerImage: 1 });
  /** Two groups: a, b, c and d, e, f. */
  const features = images.map((_, i) => Float32Array.of(i < 3 ? 1 : 0, i < 3 ? 0 : 1));

  it('takes the best patches by score where there are no clusters', () => {
    const { picks, clusters } = selectPatches(found, features, { ...settings, imagesPerClass: 3 });
    expect(clusters).toEqual([]);
    expect(picks.map(({ image, cluster }) => [image, cluster])).toEqual([
      [5, -1],
      [4, -1],
      [3, -1],
    ]);
    expect(selectPatches(found, undefined, { ...settings, imagesPerClass: 3, clusters: 2 }).picks).toEqual(picks);
  });

  it('takes from each of the best clusters, and keeps box and score with the reason', () => {
    const { picks } = selectPatches(found, features, { ...settings, imagesPerClass: 2, clusters: 2 });
    expect(picks.map(({ image, cluster, rank }) => [image, cluster, rank])).toEqual([
      [3, 0, 0],
      [0, 1, 0],
    ]);
    expect(picks[0]).toMatchObject({ box: found.patches[3]!.box, score: found.patches[3]!.score, patch: 3 });
  });

  it('selects from one image', () => {
    const one = candidatePatches([scored('a', 0)], { patchSize: 4, candidatesPerImage: 4 });
    const four = selectPatches(
      one,
      [0, 1, 2, 3].map((i) => Float32Array.of(i)),
      { ...settings, clusters: 32, factor: 2 },
    );
    expect(four.picks.map(({ image }) => image)).toEqual([0, 0, 0, 0]);
    expect(new Set(four.picks.map(({ patch }) => patch)).size).toBe(4);
  });

  it('puts duplicates into one cluster, however many clusters are wanted', () => {
    const same = images.map(() => Float32Array.of(0.6, 0.8));
    const { picks, clusters } = selectPatches(found, same, { ...settings, imagesPerClass: 6, clusters: 4 });
    expect(clusters.flatMap(({ members }) => members).sort()).toEqual([0, 1, 2, 3, 4, 5]);
    expect(new Set(picks.map(({ patch }) => patch)).size).toBe(6);
  });

  it('names the image of a feature that holds no number', () => {
    const broken = features.map((feature, i) => (i === 4 ? Float32Array.of(Number.NaN, 1) : feature));
    expect(() => selectPatches(found, broken, { ...settings, clusters: 2 })).toThrow('got NaN for image e at 0, 0');
  });
});

describe('rankedClusters', () => {
  const features = [Float32Array.of(0, 0), Float32Array.of(1, 0), Float32Array.of(0, 1)];

  it.each([
    ['a score', features, [1, Number.NaN, 2], 'finite scores, got NaN for patch 1'],
    [
      'a feature',
      [features[0]!, Float32Array.of(0, Number.POSITIVE_INFINITY), features[2]!],
      [1, 2, 3],
      'got Infinity for patch 1',
    ],
    ['a length', [features[0]!, Float32Array.of(1), features[2]!], [1, 2, 3], 'of one length, 2, got 1 for patch 1'],
  ])('names the patch with %s that is wrong', (_what, vectors, scores, message) => {
    expect(() => rankedClusters(vectors, scores, { clusters: 2 })).toThrow(message);
  });
});

describe('patchFeatures', () => {
  it('is the mean of the image’s grid under the patch', () => {
    const found = candidatePatches([scored('a', 3)], { patchSize: 4, candidatesPerImage: 1 });
    const grid = { values: Float32Array.of(1, 0, 1, 0, 1, 0, 0, 1), height: 2, width: 2, channels: 2 };
    expect(patchFeatures(found, [grid]).map((feature) => [...feature])).toEqual([[0, 1]]);
  });
});

describe('factorOf', () => {
  it('is two up to IPC 10, one above and for whole images, and what the settings say', () => {
    expect(factorOf({ patchSize: 32, imagesPerClass: 10 })).toBe(2);
    expect(factorOf({ patchSize: 32, imagesPerClass: 50 })).toBe(1);
    expect(factorOf({ patchSize: 'image', imagesPerClass: 10 })).toBe(1);
    expect(factorOf({ patchSize: 'image', imagesPerClass: 10, factor: 2 })).toBe(2);
  });
});
