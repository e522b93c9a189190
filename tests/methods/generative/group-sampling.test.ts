import { describe, expect, it } from 'vitest';
import { bestGroup, fitGaussian, groupScore } from '../../../src/methods/generative/group-sampling';
import { relativeError } from '../../models/fixture';
import { expected, latents } from './fixture';

const gaussian = { mean: Float64Array.from(expected.mean!), deviation: Float64Array.from(expected.deviation!) };
const draws = { size: 3, seed: 2, path: ['jug'] };

describe('group sampling', () => {
  it('fits mean and deviation, as in Python', () => {
    const rows = Array.from({ length: 8 }, (_, i) => Float32Array.from(expected.inverted!.slice(16 * i, 16 * i + 16)));
    const fitted = fitGaussian(rows);
    expect(relativeError(fitted.mean, gaussian.mean)).toBeLessThan(1e-5);
    expect(relativeError(fitted.deviation, gaussian.deviation)).toBeLessThan(1e-5);
    expect(() => fitGaussian(rows.slice(0, 1))).toThrow('at least 2 latents');
  });

  it('scores a group as in Python', () => {
    expect(groupScore(latents.vectors.slice(0, 3), gaussian)).toBeCloseTo(expected.score![0]!, 4);
    expect(groupScore([Float32Array.from(gaussian.mean)], gaussian)).toBeLessThan(1e-5);
  });

  it('keeps the best: more groups begin with fewer and are never worse', async () => {
    const scores: number[] = [];
    for (const groups of [1, 5, 40]) {
      const best = await bestGroup(gaussian, { ...draws, groups });
      expect(best.score).toBe(groupScore(best.group, gaussian));
      scores.push(best.score);
    }
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
    expect(scores[2]).toBeLessThan(scores[0]!);
  });

  it('stops when told', async () => {
    const signal = AbortSignal.abort();
    await expect(bestGroup(gaussian, { ...draws, groups: 5, signal })).rejects.toThrow('abort');
  });
});
