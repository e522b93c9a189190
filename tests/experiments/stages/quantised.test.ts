import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dequantise, quantise } from '../../../src/experiments/stages';

describe('quantise', () => {
  it.each([8, 16] as const)('comes back within half a step of its channel at %i bits', (bits) => {
    const floats = fc.float({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 });
    fc.assert(
      fc.property(fc.array(fc.tuple(floats, floats), { minLength: 1, maxLength: 20 }), (rows) => {
        const values = Float32Array.from(rows.flat());
        const back = dequantise(quantise(values, [rows.length, 2], bits));
        for (const channel of [0, 1]) {
          const of = (all: Float32Array) => rows.map((_, row) => all[2 * row + channel]!);
          const largest = Math.max(...of(values).map(Math.abs));
          const step = largest / (2 ** (bits - 1) - 1);
          for (const [row, value] of of(values).entries()) {
            expect(Math.abs(of(back)[row]! - value)).toBeLessThanOrEqual(0.51 * step + 1e-6 * largest + 1e-38);
          }
        }
      }),
    );
  });

  it('takes two bytes or one per value', () => {
    const values = Float32Array.from({ length: 64 }, (_, i) => i);
    expect(quantise(values, [64, 1], 16).data.byteLength).toBe(128);
    expect(quantise(values, [64, 1], 8).data.byteLength).toBe(64);
  });
});
