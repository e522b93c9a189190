import { describe, expect, it } from 'vitest';
import { meanMap, upsampledMap } from '../../src/diffusion/noise-map';

const map = (...values: number[]) => ({ values: Float32Array.from(values), height: 2, width: 2 });

describe('meanMap', () => {
  it('weights each map', () => {
    const mean = meanMap([
      { map: map(1, 0, 0, 4), weight: 3 },
      { map: map(5, 0, 8, 4), weight: 1 },
    ]);
    expect([...mean.values]).toEqual([2, 0, 2, 4]);
  });

  it('refuses maps of two sizes, and none', () => {
    const other = { values: new Float32Array(6), height: 2, width: 3 };
    expect(() => meanMap([map(0, 0, 0, 0), other].map((one) => ({ map: one, weight: 1 })))).toThrow(
      '2 × 2, got one of 2 × 3',
    );
    expect(() => meanMap([])).toThrow('at least one map');
  });
});

describe('upsampledMap', () => {
  it('puts a latent position in the middle of its pixels (half-pixel centres)', () => {
    const { values } = upsampledMap(map(0, 0, 0, 8), { height: 4, width: 4 });
    expect(values[15]).toBe(8);
    expect(values[0]).toBe(0);
    expect(values[2 * 4 + 2]).toBeCloseTo(8 * 0.75 * 0.75, 5);
  });

  it('takes images that are wider than high', () => {
    const { values, height, width } = upsampledMap(map(1, 1, 1, 1), { height: 4, width: 6 });
    expect({ height, width, values: [...values] }).toEqual({ height: 4, width: 6, values: Array(24).fill(1) });
  });
});
