import { describe, expect, it } from 'vitest';
import { pool, poolPlaces } from '../../src/datasets/pool';
import { smallDataset } from '../methods/small-dataset';

describe('poolPlaces', () => {
  it('is a random choice, the same from the same seed, another from another seed or for another class', () => {
    const places = poolPlaces(300, 'cup', { perClass: 20 });
    expect(places).toEqual(poolPlaces(300, 'cup', { perClass: 20, poolSeed: 0 }));
    expect(places).not.toEqual(poolPlaces(300, 'cup', { perClass: 20, poolSeed: 1 }));
    expect(places).not.toEqual(poolPlaces(300, 'jug', { perClass: 20 }));
    expect(places).not.toEqual(Array.from({ length: 20 }, (_, k) => k));
    expect(places).toEqual([...new Set(places)].sort((a, b) => a - b));
  });

  it('is part of a larger pool of the same seed', () => {
    const large = new Set(poolPlaces(100, 'cup', { perClass: 60, poolSeed: 7 }));
    for (const perClass of [1, 10, 59])
      expect(poolPlaces(100, 'cup', { perClass, poolSeed: 7 }).filter((k) => !large.has(k))).toEqual([]);
  });

  it('is everything where there is no more, and refuses a number that is none', () => {
    for (const perClass of [3, 4, Number.POSITIVE_INFINITY])
      expect(poolPlaces(3, 'cup', { perClass })).toEqual([0, 1, 2]);
    for (const perClass of [0, 1.5, Number.NaN])
      expect(() => poolPlaces(3, 'cup', { perClass })).toThrow(/perClass to be a whole number of at least 1/);
  });
});

describe('pool', () => {
  it('takes as many of each class, in the order of the dataset', async () => {
    const chosen = pool(smallDataset({ perClass: 30 }), { perClass: 5, poolSeed: 2 });
    expect([0, 1].map((label) => chosen.labels.filter((other) => other === label).length)).toEqual([5, 5]);
    expect(chosen.name).toBe('small, 5 of each class');
    expect(pool(smallDataset({ perClass: 30 }), { perClass: 5, poolSeed: 2 }).fingerprint).toBe(chosen.fingerprint);
  });
});
