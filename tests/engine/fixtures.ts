/** Reads what tests/fixtures/engine/make.py wrote, and compares tensors. */
import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { type Tensor, tf } from '../../src/engine';

export interface Packed {
  shape: number[];
  float32: string;
}

export function readFixture<Content>(name: string): Content {
  return JSON.parse(readFileSync(new URL(`../fixtures/engine/${name}`, import.meta.url), 'utf8')) as Content;
}

export function floats({ float32 }: Packed): Float32Array {
  return new Float32Array(Uint8Array.from(Buffer.from(float32, 'base64')).buffer);
}

export const unpack = (packed: Packed): Tensor => tf.tensor(floats(packed), packed.shape, 'float32');

/** Largest difference, relative to the largest value expected, below `tolerance`. */
export function expectClose(seen: Tensor, expected: Packed, what: string, tolerance = 1e-5): void {
  expect(seen.shape, what).toEqual(expected.shape);
  const values = seen.dataSync();
  const wanted = floats(expected);
  const size = wanted.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1e-3);
  const error = wanted.reduce((largest, value, i) => Math.max(largest, Math.abs(value - values[i]!)), 0);
  expect(error / size, what).toBeLessThan(tolerance);
}
