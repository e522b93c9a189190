import { describe, expect, it } from 'vitest';
import { RandomStream } from '../../src/engine';
import { divergence, gradient, jointSimilarities, tsne } from '../../src/evaluation/tsne';

const stream = new RandomStream(3, 'points');

/** Points about three centres that are far apart. */
const groups = Array.from({ length: 36 }, (_, i) =>
  Array.from({ length: 5 }, (_, k) => (k === i % 3 ? 20 : 0) + stream.normal()),
);

describe('jointSimilarities', () => {
  const vectors = groups.slice(0, 12);
  const joint = jointSimilarities(vectors, 3);

  it('is symmetric, sums to 1, and has nothing of a point with itself', () => {
    expect(joint.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 9);
    for (let i = 0; i < 12; i++) {
      expect(joint[i * 12 + i]).toBe(0);
      for (let j = 0; j < i; j++) expect(joint[i * 12 + j]).toBe(joint[j * 12 + i]);
    }
  });

  it('gives each point as many neighbours as the perplexity, where all look alike', () => {
    // On a regular polygon with no other structure all conditionals are the same, and so equal to N times the joint ones.
    const circle = Array.from({ length: 10 }, (_, i) => [Math.cos(i * 0.2 * Math.PI), Math.sin(i * 0.2 * Math.PI)]);
    const row = [...jointSimilarities(circle, 4).slice(0, 10)].map((p) => 10 * p);
    const entropy = -row.filter((p) => p > 0).reduce((sum, p) => sum + p * Math.log(p), 0);
    expect(Math.exp(entropy)).toBeCloseTo(4, 3);
  });
});

describe('gradient', () => {
  it('is that of the divergence, by finite differences', () => {
    const similar = jointSimilarities(groups.slice(0, 12), 3);
    const at = Float64Array.from({ length: 24 }, () => stream.normal());
    const slope = gradient(at, similar);
    for (let i = 0; i < at.length; i++) {
      const moved = (by: number): number => divergence(at.with(i, at[i]! + by), similar);
      expect(slope[i]).toBeCloseTo((moved(1e-5) - moved(-1e-5)) / 2e-5, 5);
    }
  });
});

describe('tsne', () => {
  it('keeps groups together and apart from each other', async () => {
    const places = await tsne(groups, { perplexity: 8, iterations: 400 });
    const distance = (i: number, j: number): number =>
      Math.hypot(places[i]![0] - places[j]![0], places[i]![1] - places[j]![1]);
    for (let i = 0; i < 36; i++) {
      const others = [...places.keys()].filter((j) => j !== i).sort((a, b) => distance(i, a) - distance(i, b));
      expect(others.slice(0, 5).every((j) => j % 3 === i % 3)).toBe(true);
    }
  });

  it('gives the same places for the same seed', async () => {
    const once = () => tsne(groups, { perplexity: 5, iterations: 20, seed: 1 });
    expect(await once()).toEqual(await once());
  });

  it('refuses a perplexity that the points cannot have, and values that are not finite', async () => {
    await expect(tsne(groups.slice(0, 10), { perplexity: 30 })).rejects.toThrow(/perplexity of 1 … 3\.0/);
    await expect(tsne([...groups, [1, 2, 3, 4, Number.NaN]])).rejects.toThrow(/finite/);
  });
});
