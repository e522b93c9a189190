import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pooledFeature, pooledGrid } from '../../src/diffusion/feature-grid';

// Two channels: the cell's row and column.
const grid = {
  values: Float32Array.from({ length: 4 * 4 * 2 }, (_, i) => (i % 2 === 0 ? Math.floor(i / 8) : Math.floor(i / 2) % 4)),
  height: 4,
  width: 4,
  channels: 2,
};

describe('pooledFeature', () => {
  it('averages the cells of a region, to unit length', () => {
    const feature = pooledFeature(grid, { top: 0.5, left: 0, bottom: 1, right: 0.5 });
    const [row, column] = [2.5, 0.5];
    expect(feature[0]).toBeCloseTo(row / Math.hypot(row, column), 6);
    expect(feature[1]).toBeCloseTo(column / Math.hypot(row, column), 6);
  });

  it('counts a cell by the share of it that lies inside', () => {
    // Rows 0 (whole) and 1 (half): their mean is 1/3; columns 2 and 3: 2.5.
    const feature = pooledFeature(grid, { top: 0, left: 0.5, bottom: 0.375, right: 1 });
    expect(feature[0]! / feature[1]!).toBeCloseTo(1 / 3 / 2.5, 6);
  });

  it('takes the cell that a smaller region lies in', () => {
    const feature = pooledFeature(grid, { top: 0.76, left: 0.26, bottom: 0.8, right: 0.3 });
    expect(feature[0]! / feature[1]!).toBeCloseTo(3, 5);
  });

  it('refuses a region that is empty or beyond the image', () => {
    expect(() => pooledFeature(grid, { top: 0.5, left: 0, bottom: 0.5, right: 1 })).toThrow('rows 0.5 … 0.5');
    expect(() => pooledFeature(grid, { top: 0, left: 0, bottom: 1.2, right: 1 })).toThrow('inside the image');
  });
});

describe('pooledGrid', () => {
  it('leaves a grid that is small enough unchanged', () => {
    expect(pooledGrid(grid, 4)).toBe(grid);
    expect(pooledGrid(grid, 9)).toBe(grid);
  });

  it('keeps the mean under regions made of whole coarse cells, whatever the sizes', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 5 }),
        (h, w, side) => {
          const values = Float32Array.from({ length: h * w * 2 }, (_, i) => 1 + ((i * 37) % 11));
          const fine = { values, height: h, width: w, channels: 2 };
          const coarse = pooledGrid(fine, side);
          const region = { top: 0, left: 0, bottom: 1 / coarse.height, right: 1 };
          const [a, b] = [pooledFeature(fine, region), pooledFeature(coarse, region)];
          for (const [i, value] of a.entries()) expect(b[i]).toBeCloseTo(value, 5);
        },
      ),
    );
  });
});
