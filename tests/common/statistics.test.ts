import { describe, expect, it } from 'vitest';
import { confidenceInterval, formatSummary, meanAndDeviation, studentQuantile } from '../../src/common';

describe('meanAndDeviation', () => {
  it('divides the squares by n − 1', () => {
    const { mean, sd, n } = meanAndDeviation([2, 4, 4, 4, 5, 5, 7, 9]);
    expect(mean).toBe(5);
    expect(sd).toBeCloseTo(Math.sqrt(32 / 7), 12);
    expect(n).toBe(8);
  });
  it('gives no spread for a single value', () => {
    expect(meanAndDeviation([3])).toEqual({ mean: 3, sd: Number.NaN, n: 1 });
  });
  it('refuses to average nothing', () => {
    expect(() => meanAndDeviation([])).toThrow(/at least one number/);
  });
  it('keeps its digits far from zero', () => {
    expect(meanAndDeviation([1e9, 1e9 + 1, 1e9 + 2]).sd).toBe(1);
  });
});

describe('confidenceInterval', () => {
  it.each([
    [2, 12.7062],
    [5, 2.7764],
    [11, 2.2281],
    [12, 2.201],
    [31, 2.0423],
    [121, 1.9799],
  ])("uses Student's t for n = %i", (n, t) => {
    const [low, high] = confidenceInterval({ mean: 0, sd: Math.sqrt(n), n });
    expect(high).toBeCloseTo(t, 3);
    expect(low).toBeCloseTo(-t, 3);
  });
  it('is the mean itself for one value', () => {
    expect(confidenceInterval({ mean: 3, sd: Number.NaN, n: 1 })).toEqual([3, 3]);
  });
});

describe('studentQuantile', () => {
  it.each([
    [1, 0.95, 12.7062],
    [2, 0.95, 4.30265],
    [3, 0.99, 5.84091],
    [4, 0.999, 8.6103],
    [9, 0.9, 1.83311],
    [30, 0.99, 2.75],
    [10_000, 0.95, 1.9602],
  ])('is that of tables for %i degrees of freedom and a share of %d', (degrees, share, quantile) => {
    expect(studentQuantile(degrees, share)).toBeCloseTo(quantile, 3);
  });
});

describe('formatSummary', () => {
  it('writes mean ± sd, the mean alone without spread, and a dash without a value', () => {
    expect(formatSummary({ mean: 50.21, sd: 0.34, n: 5 })).toBe('50.2 ± 0.3');
    expect(formatSummary({ mean: 50.21, sd: Number.NaN, n: 1 }, 2)).toBe('50.21');
    expect(formatSummary(undefined)).toBe('–');
  });
});
