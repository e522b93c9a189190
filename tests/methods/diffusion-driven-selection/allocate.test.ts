import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allocate, mosaicFactor } from '../../../src/methods/diffusion-driven-selection/allocate';
import { median, rankedClusters } from '../../../src/methods/diffusion-driven-selection/cluster';

/** 32 clusters of 20 patches; cluster c holds patches 20c … 20c+19, best cluster first. */
const clusters = Array.from({ length: 32 }, (_, c) => ({
  members: Array.from({ length: 20 }, (_, i) => 20 * c + i),
  distances: Array.from({ length: 20 }, (_, i) => i),
  score: 32 - c,
}));
const scores = Array.from({ length: 640 }, (_, i) => (i * 37) % 640);

describe('allocate', () => {
  it.each([
    [10, 4],
    [50, 5],
    [100, 10],
  ])('takes, at IPC %i, %i patches from each of the top ten clusters', (imagesPerClass, each) => {
    const picks = allocate(clusters, scores, { imagesPerClass });
    expect(picks).toHaveLength(imagesPerClass * mosaicFactor(imagesPerClass) ** 2);
    for (let c = 0; c < 10; c++) expect(picks.filter(({ cluster }) => cluster === c)).toHaveLength(each);
  });

  it('takes all four patches by score at IPC 1, as 4 // 10 is none a cluster', () => {
    const picks = allocate(clusters, scores, { imagesPerClass: 1 });
    const best = scores.map((score, i) => ({ score, i })).sort((a, b) => b.score - a.score);
    expect(picks.map(({ patch }) => patch)).toEqual(best.slice(0, 4).map(({ i }) => i));
    expect(picks.every(({ cluster }) => cluster === -1)).toBe(true);
  });

  it('never takes a patch twice, whatever the clusters hold', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 32 }),
        fc.integer({ min: 0, max: 20 }),
        (ipc, top, short) => {
          const uneven = clusters.map((cluster, c) =>
            c % 2 ? { ...cluster, members: cluster.members.slice(0, short) } : cluster,
          );
          const picks = allocate(uneven, scores, { imagesPerClass: ipc, topClusters: top });
          expect(new Set(picks.map(({ patch }) => patch)).size).toBe(ipc * mosaicFactor(ipc) ** 2);
        },
      ),
    );
  });

  it('says how many patches are missing', () => {
    expect(() => allocate([], [1, 2, 3], { imagesPerClass: 10 })).toThrow('needs 40 patches of the class, got 3');
  });
});

describe('rankedClusters', () => {
  const blob = (x: number, y: number, n: number) =>
    Array.from({ length: n }, (_, i) => Float32Array.from([x + 0.01 * i, y - 0.01 * i]));
  const features = [...blob(0, 0, 5), ...blob(10, 0, 5), ...blob(0, 10, 5)];
  const scores15 = features.map((_, i) => [1, 3, 2][Math.floor(i / 5)]!);

  it('finds the groups, orders them by median score and members by distance to the centroid', () => {
    const found = rankedClusters(features, scores15, { clusters: 3, seed: 1 });
    expect(found.map(({ members }) => Math.floor(members[0]! / 5))).toEqual([1, 2, 0]);
    expect(found.map(({ members }) => [...members].sort((a, b) => a - b))).toEqual([
      [5, 6, 7, 8, 9],
      [10, 11, 12, 13, 14],
      [0, 1, 2, 3, 4],
    ]);
    for (const { distances } of found) expect([...distances].sort((a, b) => a - b)).toEqual(distances);
  });

  it('gives the same groups for the same seed', () => {
    expect(rankedClusters(features, scores15, { clusters: 4, seed: 3 })).toEqual(
      rankedClusters(features, scores15, { clusters: 4, seed: 3 }),
    );
  });

  it('gives each patch a group of its own when there are fewer patches than clusters', () => {
    expect(rankedClusters(features.slice(0, 3), [1, 2, 3], { clusters: 32 })).toHaveLength(3);
  });

  it('takes the mean of the middle two as the median of an even count', () => {
    expect(median([4, 1, 3, 2])).toBe(2.5);
  });
});
