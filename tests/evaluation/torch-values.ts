/** What tests/fixtures/evaluation/make.py wrote, and the hash by which both sides make the same weights and images. */
import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { type Tensor, tf } from '../../src/engine';
import type { Module } from '../../src/models';

interface TorchValues {
  networks: {
    name: 'ConvNet' | 'ResNet' | 'ResNet20' | 'ResNetAP';
    options: {
      classes: number;
      size: number;
      depth: number;
      width: number;
      norm: 'batch' | 'instance';
      stem: 'cifar';
      blocks: [number, number, number, number];
    };
    size: number;
    names: string[];
    evaluated: number[];
    trained: number[];
    gradientNorms: number[];
    runningSums: number[];
  }[];
  crops: {
    box: { top: number; left: number; height: number; width: number };
    flip: boolean;
    size: number;
    values: number[];
  }[];
  distillation: number;
  recipe: { rates: number[]; losses: number[]; after: number[] };
}

export const torchValues = JSON.parse(
  readFileSync(new URL('../fixtures/evaluation/torch.json', import.meta.url), 'utf8'),
) as TorchValues;

/** make.py's `hashed`: n numbers in [-0.5, 0.5). */
export function hashed(n: number, salt: number): Float32Array {
  return Float32Array.from({ length: n }, (_, i) => {
    let x = (Math.imul(i + 1, 2654435761) + Math.imul(salt, 40503)) >>> 0;
    x = Math.imul(x ^ (x >>> 15), 2246822519) >>> 0;
    x = Math.imul(x ^ (x >>> 13), 3266489917) >>> 0;
    return ((x ^ (x >>> 16)) >>> 0) / 2 ** 32 - 0.5;
  });
}

/** make.py's `images`: [n,size,size,3]. */
export const hashedImages = (n: number, size: number, salt: number): Tensor =>
  tf.tensor(
    hashed(n * size * size * 3, salt).map((value) => value * 4),
    [n, size, size, 3],
  );

/** make.py's `fill`. */
export function fillByHash(network: Module): string[] {
  const parameters = network.parameters();
  const names = [...parameters.keys()].sort((a, b) => (a < b ? -1 : 1));
  for (const [salt, name] of names.entries()) {
    const parameter = parameters.get(name)!;
    const data = hashed(parameter.size, salt);
    const rows = parameter.shape.length > 1 ? parameter.size / parameter.shape[0]! : 0;
    const map =
      rows > 0
        ? (v: number) => v * Math.sqrt(12 / rows)
        : /running_var$|weight$/.test(name)
          ? (v: number) => 1 + 0.5 * v
          : (v: number) => v;
    parameter.assign({ shape: parameter.shape, data: data.map(map) });
  }
  return names;
}

/** Largest deviation, relative to the largest value expected. */
export function expectNear(seen: ArrayLike<number>, expected: readonly number[], tolerance = 1e-4): void {
  expect(seen.length).toBe(expected.length);
  const size = Math.max(...expected.map(Math.abs));
  const error = Math.max(...expected.map((value, i) => Math.abs(value - seen[i]!)));
  expect(error / size).toBeLessThan(tolerance);
}
