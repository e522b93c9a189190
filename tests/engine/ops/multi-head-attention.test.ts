/** Attention of many heads: our kernels and TensorFlow's operations against the plain formula and each other. */
import { beforeEach, describe, expect, it } from 'vitest';
import { multiHeadAttention, precisions, type Tensor, tf, withPrecision } from '../../../src/engine';
import { roundToBfloat16 } from '../../../src/engine/ops/bfloat16';
import { expectGradients, values } from '../gradient-check';
import { useNative } from '../native-switch';

beforeEach(() => useNative(true));

interface Case {
  batch: number;
  queries: number;
  keys: number;
  heads: number;
  depth: number;
  width?: number;
  keyBatch?: number;
  causal?: boolean;
  /** Largest score before the softmax, about. */
  range?: number;
}

const inputsOf = ({ batch, queries, keys, heads, depth, width = depth, keyBatch = batch, range = 2 }: Case) =>
  [
    values([batch, queries, heads * depth], 1, -range, range),
    values([keyBatch, keys, heads * depth], 2),
    values([keyBatch, keys, heads * width], 3),
  ] as [Tensor, Tensor, Tensor];

/** The definition, value by value in double precision. */
function byDefinition(given: Case, [q, k, v]: Tensor[]): number[] {
  const { batch, queries, keys, heads, depth, width = depth, keyBatch = batch, causal = false } = given;
  const [qs, ks, vs] = [q!, k!, v!].map((tensor) => tensor.dataSync());
  const out: number[] = [];
  for (let n = 0; n < batch; n++) {
    for (let i = 0; i < queries; i++) {
      for (let h = 0; h < heads; h++) {
        const from = keyBatch === 1 ? 0 : n;
        const scores = Array.from({ length: causal ? Math.min(keys, i + 1) : keys }, (_, j) => {
          let sum = 0;
          for (let d = 0; d < depth; d++) {
            sum +=
              qs![(n * queries + i) * heads * depth + h * depth + d]! *
              ks![(from * keys + j) * heads * depth + h * depth + d]!;
          }
          return sum / Math.sqrt(depth);
        });
        const top = Math.max(...scores);
        const weights = scores.map((score) => Math.exp(score - top));
        const total = weights.reduce((sum, weight) => sum + weight, 0);
        for (let e = 0; e < width; e++) {
          let sum = 0;
          weights.forEach((weight, j) => {
            sum += weight * vs![(from * keys + j) * heads * width + h * width + e]!;
          });
          out.push(sum / total);
        }
      }
    }
  }
  return out;
}

const cases: Record<string, Case> = {
  'one query and one key': { batch: 1, queries: 1, keys: 1, heads: 1, depth: 1 },
  'more keys than a block, and no whole number of blocks': { batch: 2, queries: 70, keys: 300, heads: 3, depth: 12 },
  'a prompt that all of the batch attend to': { batch: 3, queries: 9, keys: 77, heads: 4, depth: 5, keyBatch: 1 },
  'wide heads': { batch: 1, queries: 6, keys: 40, heads: 2, depth: 80 },
  'values of another width than keys': { batch: 2, queries: 5, keys: 33, heads: 2, depth: 8, width: 19 },
  'causal attention over several blocks': { batch: 1, queries: 200, keys: 200, heads: 2, depth: 8, causal: true },
  'scores that differ by hundreds': { batch: 1, queries: 8, keys: 260, heads: 1, depth: 4, range: 800 },
};

describe('attention of many heads', () => {
  for (const [name, given] of Object.entries(cases)) {
    it(`gives the softmax's weighted mean: ${name}`, () => {
      const inputs = inputsOf(given);
      const { heads, causal = false } = given;
      const expected = byDefinition(given, inputs);
      for (const native of [true, false]) {
        useNative(native);
        const found = multiHeadAttention(...inputs, { heads, causal });
        expect(found.shape).toEqual([given.batch, given.queries, heads * (given.width ?? given.depth)]);
        const distance = Math.max(...Array.from(found.dataSync(), (value, i) => Math.abs(value - expected[i]!)));
        expect(distance, native ? 'kernel' : 'operations').toBeLessThan(given.range ? 1e-3 : 2e-6);
      }
    });
  }

  for (const [name, given] of Object.entries(cases)) {
    it(`has the same gradients from the kernel as from the operations: ${name}`, () => {
      const inputs = inputsOf(given);
      const { batch, queries, heads, depth, width = depth, causal = false } = given;
      const towards = values([batch, queries, heads * width], 4);
      const [kernel, operations] = [true, false].map((native) => {
        useNative(native);
        const loss = (...[q, k, v]: Tensor[]) =>
          tf.sum(tf.mul(multiHeadAttention(q!, k!, v!, { heads, causal }), towards));
        return tf.grads((...all) => loss(...all).asScalar())(inputs);
      });
      for (const [i, input] of 'qkv'.split('').entries()) {
        const [found, expected] = [kernel![i]!.dataSync(), operations![i]!.dataSync()];
        expect(kernel![i]!.shape, input).toEqual(inputs[i]!.shape);
        const size = Math.max(1, ...expected.map(Math.abs));
        const distance = Math.max(...found.map((value, j) => Math.abs(value - expected[j]!)));
        expect(distance / size, input).toBeLessThan(given.range ? 1e-3 : 2e-6);
      }
    });
  }

  for (const [name, given] of Object.entries(cases)) {
    it(`rounds its factors in bfloat16: ${name}`, () => {
      const inputs = inputsOf(given);
      const { heads, depth, causal = false } = given;
      const run = () => withPrecision('bfloat16', () => multiHeadAttention(...inputs, { heads, causal }));
      const [q, k, v] = inputs;
      // The kernel rounds scaled queries, for powers of 2.
      const scale = 1 / Math.sqrt(depth) / Math.LN2;
      const rounded = [tf.div(roundToBfloat16(tf.mul(q, scale)), scale), roundToBfloat16(k), roundToBfloat16(v)];
      const expected = byDefinition(given, rounded);
      const largest = Math.max(...Array.from(v.dataSync(), Math.abs));
      // The kernel's weights have eight bits of mantissa. The operations round queries before they are scaled, which tells where
      // scores are large.
      const bounds = given.range
        ? [{ native: true, bound: 4e-3 }]
        : [
            { native: true, bound: 4e-3 },
            { native: false, bound: 1e-2 },
          ];
      for (const { native, bound } of bounds) {
        useNative(native);
        const distance = Math.max(...Array.from(run().dataSync(), (value, i) => Math.abs(value - expected[i]!)));
        expect(distance / largest, native ? 'kernel' : 'operations').toBeLessThan(bound);
      }
    });
  }

  it('gives the same bits whatever else is in the batch', () => {
    for (const precision of precisions) {
      const [q, k, v] = inputsOf({ batch: 4, queries: 150, keys: 150, heads: 2, depth: 12 });
      const attended = (...[q, k, v]: Tensor[]) =>
        withPrecision(precision, () => multiHeadAttention(q!, k!, v!, { heads: 2 }));
      const third = (x: Tensor) => tf.slice(x, [2, 0, 0], [1, -1, -1]);
      const alone = attended(third(q), third(k), third(v));
      expect(alone.dataSync(), precision).toEqual(third(attended(q, k, v)).dataSync());
    }
  });

  it('passes NaN on, for the loss that asks whether it is finite', () => {
    const [q, k, v] = inputsOf({ batch: 1, queries: 3, keys: 20, heads: 1, depth: 4 });
    const broken = tf.mul(q, Number.NaN);
    for (const precision of precisions) {
      const attended = withPrecision(precision, () => multiHeadAttention(broken, k, v, { heads: 1 }));
      expect(attended.dataSync().every(Number.isNaN), precision).toBe(true);
    }
    const gradient = tf.grad((q: Tensor) => tf.sum(multiHeadAttention(q, k, v, { heads: 1 })))(broken);
    expect(gradient.dataSync().every(Number.isNaN)).toBe(true);
  });

  it('has gradients that finite differences confirm', () => {
    const inputs = inputsOf({ batch: 2, queries: 6, keys: 7, heads: 2, depth: 3, keyBatch: 1 });
    for (const native of [true, false]) {
      useNative(native);
      expectGradients((q, k, v) => multiHeadAttention(q, k, v, { heads: 2 }), inputs);
    }
  });

  it('refuses shapes that do not fit, naming them', () => {
    const [q, k, v] = inputsOf({ batch: 2, queries: 3, keys: 4, heads: 2, depth: 3 });
    expect(() => multiHeadAttention(q, k, v, { heads: 4 })).toThrow(/channels of `q` per head/);
    expect(() => multiHeadAttention(q, tf.slice(k, [0, 0, 0], [-1, 2, -1]), v, { heads: 2 })).toThrow(/axis 1 of `v`/);
    expect(() => multiHeadAttention(tf.tile(q, [2, 1, 1]), k, v, { heads: 2 })).toThrow(/axis 0 of `k`/);
  });
});
