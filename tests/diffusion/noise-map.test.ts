import { describe, expect, it } from 'vitest';
import { pooledFeature } from '../../src/diffusion/features';
import { noiseMaps } from '../../src/diffusion/noise-map';

describe('noiseMaps', () => {
  const losses = {
    values: Float32Array.from([1, 1, 1, 1, 3, 3, 3, 3, 0, 0, 0, 8, 0, 0, 0, 8]),
    shape: [2, 2, 2, 2] as const,
    timesteps: [150, 450],
  };

  it('is the mean over the timesteps that were asked for', () => {
    const [both] = noiseMaps(losses, { height: 4, width: 4 });
    expect(Array.from(both!.values)).toEqual(Array(16).fill(2));
    const [late] = noiseMaps(losses, { height: 4, width: 4, timesteps: [450] });
    expect(late!.values[0]).toBe(3);
  });

  it('puts a latent position in the middle of its pixels (half-pixel centres)', () => {
    const map = noiseMaps(losses, { height: 4, width: 4 })[1]!;
    expect(map.values[15]).toBe(8);
    expect(map.values[0]).toBe(0);
    expect(map.values[2 * 4 + 2]).toBeCloseTo(8 * 0.75 * 0.75, 5);
  });

  it('names the timesteps it has when another is asked for', () => {
    expect(() => noiseMaps(losses, { height: 4, width: 4, timesteps: [300] })).toThrow('among 150, 450, got 300');
  });
});

describe('pooledFeature', () => {
  // Two channels: the cell's row and column.
  const maps = {
    values: Float32Array.from({ length: 4 * 4 * 2 }, (_, i) =>
      i % 2 === 0 ? Math.floor(i / 8) : Math.floor(i / 2) % 4,
    ),
    shape: [1, 4, 4, 2] as const,
  };

  it('averages the cells whose centres lie in the region, to unit length', () => {
    const feature = pooledFeature(maps, 0, { top: 0.5, left: 0, bottom: 1, right: 0.5 });
    const [row, column] = [2.5, 0.5];
    expect(feature[0]).toBeCloseTo(row / Math.hypot(row, column), 6);
    expect(feature[1]).toBeCloseTo(column / Math.hypot(row, column), 6);
  });

  it('takes the nearest cell for a region smaller than one', () => {
    const feature = pooledFeature(maps, 0, { top: 0.76, left: 0.26, bottom: 0.8, right: 0.3 });
    expect(feature[0]! / feature[1]!).toBeCloseTo(3, 5);
  });
});
