import { describe, expect, it } from 'vitest';
import { noiseDraws } from '../../src/diffusion/timesteps';

const inBand = (draws: number, first = 0) =>
  noiseDraws({ range: [0.1, 0.3], draws, first, seed: 42, trainTimesteps: 1000 });

describe('noiseDraws', () => {
  it('keeps to the range: from its first timestep to the one before its last', () => {
    const timesteps = inBand(2000).map(({ timestep }) => timestep);
    expect(Math.min(...timesteps)).toBe(100);
    expect(Math.max(...timesteps)).toBe(299);
  });

  it('continues where fewer draws stopped, so that many share what few have', () => {
    expect([...inBand(5), ...inBand(7, 5)]).toEqual(inBand(12));
  });

  it.each([4, 16, 48])('spreads %i draws evenly: as many in each half, and every quarter has its share', (draws) => {
    const timesteps = inBand(draws).map(({ timestep }) => timestep);
    for (let quarter = 0; quarter < 4; quarter++) {
      const [low, high] = [100 + 50 * quarter, 150 + 50 * quarter];
      const share = timesteps.filter((t) => t >= low && t < high).length;
      expect(Math.abs(share - draws / 4)).toBeLessThanOrEqual(1);
    }
  });

  it('draws from one timestep if the range has no width, with an index per draw', () => {
    const draws = noiseDraws({ range: [0.5, 0.5], draws: 3, seed: 1, trainTimesteps: 1000 });
    expect(draws).toEqual([0, 1, 2].map((index) => ({ timestep: 500, index })));
  });

  it('knows the length of the schedule', () => {
    const draws = noiseDraws({ range: [0.5, 0.7], draws: 50, seed: 1, trainTimesteps: 50 });
    expect(new Set(draws.map(({ timestep }) => timestep))).toEqual(new Set([25, 26, 27, 28, 29, 30, 31, 32, 33, 34]));
  });

  it('gives another seed other timesteps', () => {
    const seeded = (seed: number) => noiseDraws({ range: [0.1, 0.7], draws: 8, seed, trainTimesteps: 1000 });
    expect(seeded(1)).not.toEqual(seeded(2));
  });

  it('refuses a range that is reversed or leaves the schedule, and no draws', () => {
    const of = (range: [number, number], draws = 1) => noiseDraws({ range, draws, seed: 0, trainTimesteps: 1000 });
    expect(() => of([0.5, 0.4])).toThrow('0 ≤ from ≤ to ≤ 1');
    expect(() => of([0.1, 1.2])).toThrow('[0.1, 1.2]');
    expect(() => of([1, 1])).toThrow('from < 1');
    expect(() => of([0.1, 0.3], 0)).toThrow('at least 1 draw');
  });
});
