import { describe, expect, it } from 'vitest';
import {
  diagnose,
  type JudgedPatch,
  rankCorrelation,
} from '../../../src/experiments/diffusion-driven-selection/diagnosis';

const patch = (changes: Partial<JudgedPatch>): JudgedPatch => ({
  className: 'cup',
  score: 0,
  objectShare: 0,
  place: 0,
  cluster: undefined,
  ...changes,
});

describe('diagnose', () => {
  const { rows, scoreAgainstObject } = diagnose([
    patch({ score: 3, objectShare: 0.9, cluster: 0 }),
    patch({ score: 2, objectShare: 0.6, cluster: 2 }),
    patch({ score: 1, objectShare: 0.2 }),
    patch({ place: 1, score: 5, objectShare: 0, cluster: -1 }),
  ]);

  it('groups patches by their place in the image and by where they were taken from', () => {
    expect(rows.map(({ patches, n }) => [patches, n])).toEqual([
      ['candidates, best of their image', 3],
      ['candidates, second best of their image', 1],
      ['chosen', 3],
      ['chosen, best of their image', 2],
      ['chosen, second best of their image', 1],
      ['chosen by score alone', 1],
      ['chosen from cluster 1', 1],
      ['chosen from cluster 3', 1],
    ]);
    expect(rows[2]).toMatchObject({ objectShare: 0.5, holding: 2 / 3 });
  });

  it('correlates score and object over the best patches alone', () => {
    expect(scoreAgainstObject).toBeCloseTo(1);
  });

  it('refuses an empty list', () => {
    expect(() => diagnose([])).toThrow('got none');
  });
});

describe('rankCorrelation', () => {
  it('is that of the ranks, ties sharing theirs', () => {
    expect(rankCorrelation([1, 2, 3], [10, 1000, 100000])).toBeCloseTo(1);
    expect(rankCorrelation([1, 2, 3], [3, 2, 1])).toBeCloseTo(-1);
    // scipy.stats.spearmanr([1, 2, 2, 4], [1, 3, 2, 4])
    expect(rankCorrelation([1, 2, 2, 4], [1, 3, 2, 4])).toBeCloseTo(0.9486833, 6);
  });

  it('is not a number where one side is constant', () => {
    expect(rankCorrelation([1, 1], [1, 2])).toBeNaN();
  });
});
