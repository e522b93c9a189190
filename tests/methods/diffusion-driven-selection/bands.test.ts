import { describe, expect, it } from 'vitest';
import { drawGroups } from '../../../src/methods/diffusion-driven-selection/bands';

const of = (from: number, to: number, draws = 48) =>
  drawGroups({ timestepRange: [from, to], bandWidth: 0.2, draws }).map(({ range, first, draws: count }) => ({
    band: range.join('–'),
    draws: `${first}…${first + count - 1}`,
  }));
/** Table 6's cells. */
const ranges = [0.1, 0.3, 0.5, 0.7].flatMap((from) =>
  [0.3, 0.5, 0.7, 0.9].filter((to) => to >= from).map((to) => [from, to] as const),
);

describe('drawGroups', () => {
  it('gives every range of Table 6 the same number of draws, as many in each of its bands', () => {
    for (const timestepRange of ranges) {
      const groups = drawGroups({ timestepRange, bandWidth: 0.2, draws: 48 });
      expect(groups.reduce((sum, { draws }) => sum + draws, 0)).toBe(48);
      const perBand = new Map<string, number>();
      for (const { range, draws } of groups) perBand.set(String(range), (perBand.get(String(range)) ?? 0) + draws);
      expect(new Set(perBand.values()).size).toBe(1);
    }
  });

  it('shares the groups: the whole table takes four times the draws of one range, and the point at 0.5 its own', () => {
    const all = ranges.flatMap((timestepRange) => drawGroups({ timestepRange, bandWidth: 0.2, draws: 48 }));
    const distinct = new Map(all.map((group) => [JSON.stringify(group), group.draws]));
    const points = ranges.filter(([from, to]) => from === to).length;
    expect([...distinct.values()].reduce((sum, draws) => sum + draws)).toBe((4 + points) * 48);
  });

  it('ends a group where a range of another number of bands would', () => {
    expect(of(0.1, 0.7)).toEqual(
      ['0.1–0.3', '0.3–0.5', '0.5–0.7'].flatMap((band) => [
        { band, draws: '0…11' },
        { band, draws: '12…15' },
      ]),
    );
    expect(of(0.3, 0.5).map(({ draws }) => draws)).toEqual(['0…11', '12…15', '16…23', '24…47']);
  });

  it('takes a range without width as one timestep', () => {
    expect(of(0.5, 0.5)).toEqual([{ band: '0.5–0.5', draws: '0…47' }]);
  });

  it('refuses ranges that are not whole bands, and draws that the bands do not divide', () => {
    expect(() => of(0.1, 0.6)).toThrow('whole bands of 0.2');
    expect(() => of(0.7, 0.1)).toThrow('0 ≤ from ≤ to ≤ 1');
    expect(() => of(0.1, 0.7, 100)).toThrow("multiple of the range's 3 bands, got 100");
    expect(() => of(0.1, 0.7, 0)).toThrow('at least 1 draw');
  });
});
