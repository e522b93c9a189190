import { describe, expect, it } from 'vitest';
import { timestepsIn } from '../../src/diffusion/timesteps';

describe('timestepsIn', () => {
  it('spreads the draws over the range, each in the middle of its share', () => {
    expect(timestepsIn({ range: [0.1, 0.7], draws: 6 })).toEqual([150, 250, 350, 450, 550, 650]);
  });

  it('gives ranges with the same spacing the same timesteps, so that a table shares its losses', () => {
    const wide = timestepsIn({ range: [0.1, 0.9], draws: 32 });
    for (const [from, to, draws] of [
      [0.1, 0.3, 8],
      [0.3, 0.7, 16],
      [0.5, 0.9, 16],
    ] as const) {
      for (const t of timestepsIn({ range: [from, to], draws })) expect(wide).toContain(t);
    }
  });

  it('refuses an empty range, one outside the schedule, and more draws than timesteps', () => {
    expect(() => timestepsIn({ range: [0.5, 0.5], draws: 1 })).toThrow('0 ≤ from < to ≤ 1');
    expect(() => timestepsIn({ range: [0.1, 1.2], draws: 1 })).toThrow('[0.1, 1.2]');
    expect(() => timestepsIn({ range: [0.1, 0.11], draws: 11 })).toThrow('at most 10 draws');
  });
});
