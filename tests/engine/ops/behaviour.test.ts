import { describe, expect, it } from 'vitest';
import {
  attention,
  avgPool2d,
  conv2d,
  dense,
  denseGelu,
  distillationLoss,
  geglu,
  gelu,
  groupNorm,
  layerNorm,
  maxPool2d,
  meanSquaredError,
  resizeBilinear,
  silu,
  softmaxCrossEntropy,
  type Tensor,
  tf,
  withPrecision,
} from '../../../src/engine';
import { values } from '../gradient-check';
import { useNative } from '../native-switch';

describe('group norm', () => {
  it('keeps its precision when all values share a large offset', () => {
    const x = tf.add(values([2, 8, 8, 6], 1), 3000);
    const y = groupNorm(x, tf.ones([6]), tf.zeros([6]), { groups: 1 }).dataSync();
    const data = x.dataSync();
    for (let image = 0; image < 2; image++) {
      const part = Array.from(data.subarray(image * 384, (image + 1) * 384));
      const mean = part.reduce((a, b) => a + b, 0) / 384;
      const deviation = Math.sqrt(part.reduce((a, b) => a + (b - mean) ** 2, 0) / 384 + 1e-5);
      // E[x²] − E[x]² would be off by whole units here.
      for (const [i, value] of part.entries()) {
        expect(Math.abs(y[image * 384 + i]! - (value - mean) / deviation)).toBeLessThan(2e-3);
      }
    }
  });

  it('gives finite values and gradients for a constant image', () => {
    const beta = values([4], 2);
    const weights = values([1, 3, 3, 4], 3);
    const norm = (x: Tensor) => groupNorm(x, tf.ones([4]), beta, { groups: 2 });
    const image = tf.ones([1, 3, 3, 4]);
    // Nothing is left of the image but rounding, which division by the root of epsilon makes 300 times as large.
    expect(tf.max(tf.abs(tf.sub(norm(image), beta))).dataSync()[0]).toBeLessThan(1e-4);
    const objective = (x: Tensor) => tf.sum(tf.mul(norm(x), weights));
    const gradient = tf.grad(objective)(image).dataSync();
    expect(Array.from(gradient).every(Number.isFinite)).toBe(true);
    expect(Math.max(...gradient)).toBeGreaterThan(0);
  });
});

describe('attention', () => {
  const [q, k, v] = [values([1, 2, 9, 4], 1), values([1, 2, 9, 4], 2), values([1, 2, 9, 4], 3)];

  it('gives the same in chunks as at once, masked and causal too', () => {
    const mask = tf.tensor(
      Array.from({ length: 81 }, (_, i) => i % 5 !== 0 || i % 10 === 0),
      [9, 9],
      'bool',
    );
    for (const options of [{}, { causal: true }, { mask }, { mask, causal: true }]) {
      const whole = attention(q!, k!, v!, options);
      const parts = attention(q!, k!, v!, { ...options, queryChunk: 4 });
      expect(tf.max(tf.abs(tf.sub(whole, parts))).dataSync()[0]).toBeLessThan(1e-6);
    }
  });

  it('lets a causal query see no later key', () => {
    const changed = tf.concat([tf.slice(v!, [0, 0, 0, 0], [1, 2, 5, 4]), tf.ones([1, 2, 4, 4])], 2);
    const before = tf.slice(attention(q!, k!, v!, { causal: true }), [0, 0, 0, 0], [1, 2, 5, 4]);
    const after = tf.slice(attention(q!, k!, changed, { causal: true }), [0, 0, 0, 0], [1, 2, 5, 4]);
    expect([...after.dataSync()]).toEqual([...before.dataSync()]);
  });
});

describe('dense with gelu', () => {
  it('is the dense layer, then gelu, in both precisions', () => {
    const [x, kernel, bias] = [values([2, 7, 5], 1, -3, 3), values([5, 8], 2), values([8], 3)];
    for (const precision of ['float32', 'bfloat16'] as const) {
      for (const approximate of [false, true]) {
        const [seen, expected] = withPrecision(precision, () => [
          denseGelu(x, kernel, bias, { approximate }),
          gelu(dense(x, kernel, bias), { approximate }),
        ]);
        expect(seen!.shape).toEqual([2, 7, 8]);
        expect(tf.max(tf.abs(tf.sub(seen!, expected!))).dataSync()[0]).toBeLessThan(1e-6);
      }
    }
  });

  it('takes one vector, and none', () => {
    const [kernel, bias] = [values([5, 8], 2), values([8], 3)];
    const rows = values([1, 5], 1);
    for (const native of [true, false]) {
      useNative(native);
      for (const layer of [dense, denseGelu]) {
        const vector = tf.reshape(rows, [5]);
        expect(layer(vector, kernel, bias).shape).toEqual([8]);
        expect(layer(vector, kernel, bias).dataSync()).toEqual(layer(rows, kernel, bias).dataSync());
        const gradients = (x: Tensor) =>
          tf
            .grads((x, k, b) => tf.sum(layer(x!, k!, b!)))([x, kernel, bias])
            .map((dx) => dx.dataSync());
        expect(gradients(vector)).toEqual(gradients(rows));
        for (const shape of [
          [0, 5],
          [0, 3, 5],
          [2, 0, 5],
        ]) {
          expect(layer(tf.zeros(shape), kernel, bias).shape).toEqual([...shape.slice(0, -1), 8]);
        }
      }
    }
  });

  it('leaves a gradient that tfjs hands on to whom it belongs', () => {
    const [x, kernel, bias] = [values([2, 3, 5], 1), values([5, 8], 2), values([8], 3)];
    for (const native of [true, false]) {
      useNative(native);
      const dy = tf.ones([2, 3, 8]);
      tf.grads((x, k, b) => denseGelu(x!, k!, b!))([x, kernel, bias], dy);
      expect(dy.isDisposed).toBe(false);
    }
  });

  it('says which shape it expected', () => {
    expect(() => denseGelu(values([2, 4], 1), values([5, 8], 2), values([8], 3))).toThrow('last axis of `x` to be 5');
    expect(() => denseGelu(values([2, 5], 1), values([5, 8], 2), values([7], 3))).toThrow('size of `bias` to be 8');
  });
});

describe('gated gelu', () => {
  it('is the product of its two halves, in chunks too', () => {
    const [x, kernel, bias] = [values([2, 5, 3], 1), values([3, 8], 2), values([8], 3)];
    const [value, gate] = tf.split(dense(x, kernel, bias), 2, 2) as [Tensor, Tensor];
    const expected = tf.mul(value, gelu(gate));
    for (const options of [{}, { rowChunk: 3 }]) {
      expect(tf.max(tf.abs(tf.sub(geglu(x, kernel, bias, options), expected))).dataSync()[0]).toBeLessThan(1e-6);
    }
  });
});

describe('without a gradient under way', () => {
  it('an operation keeps nothing but its result', () => {
    const x = values([2, 6, 6, 4], 1);
    const [kernel, ones, zeros] = [values([3, 3, 4, 4], 2), tf.ones([4]), tf.zeros([4])];
    const run = () => {
      const h = conv2d(x, kernel, { bias: zeros });
      const y = groupNorm(h, ones, zeros, { groups: 2, activation: 'silu' });
      tf.dispose([h, y]);
    };
    run();
    const before = tf.memory().numTensors;
    run();
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('a bilinear gradient with half-pixel centres', () => {
  it('shares each output pixel among its inputs: a doubling gives four to each', () => {
    const gradient = tf.grad((x) => tf.sum(resizeBilinear(x, [8, 8])))(values([1, 4, 4, 1], 1));
    for (const value of gradient.dataSync()) expect(value).toBeCloseTo(4, 5);
  });
});

describe('a wrong argument is named, with what was expected', () => {
  const x = values([1, 4, 4, 3], 1);
  for (const [what, run, message] of [
    [
      'a rank',
      () => conv2d(tf.zeros([4, 4, 3]), tf.zeros([3, 3, 3, 2])),
      'conv2d: expected `x` to have 4 axes, got shape [4,4,3]',
    ],
    [
      'channels',
      () => conv2d(x, tf.zeros([3, 3, 2, 2])),
      'expected the last axis of `x` to be 2 (the input channels of `kernel`), got 3',
    ],
    ['a bias', () => conv2d(x, tf.zeros([3, 3, 3, 2]), { bias: tf.zeros([3]) }), 'the size of `bias` to be 2'],
    ['a stride', () => conv2d(x, tf.zeros([3, 3, 3, 2]), { stride: 1.5 }), '`stride` to be an integer >= 1, got 1.5'],
    ['a padding', () => conv2d(x, tf.zeros([3, 3, 3, 2]), { padding: -1 }), '`padding` to be an integer >= 0, got -1'],
    ['a type', () => dense(tf.zeros([2, 3], 'int32'), tf.zeros([3, 2])), '`x` to be float32, got int32'],
    [
      'groups',
      () => groupNorm(x, tf.ones([3]), tf.ones([3]), { groups: 2 }),
      '`groups` to divide the 3 channels of `x`, got 2',
    ],
    ['gamma', () => layerNorm(x, tf.ones([4]), tf.ones([3])), 'the size of `gamma` to be 3'],
    [
      'keys',
      () => attention(tf.zeros([1, 1, 2, 3]), tf.zeros([1, 1, 2, 4]), tf.zeros([1, 1, 2, 3])),
      'the last axis of `k` to be 3',
    ],
    [
      'a mask',
      () =>
        attention(tf.zeros([1, 1, 2, 3]), tf.zeros([1, 1, 2, 3]), tf.zeros([1, 1, 2, 3]), { mask: tf.zeros([3, 2]) }),
      '`mask` to be [2 or 1, 2]',
    ],
    ['a window', () => avgPool2d(x, { size: 5 }), '`size` to be at most 4'],
    ['a window of none', () => maxPool2d(x, { size: 0 }), '`size` to be an integer >= 1, got 0'],
    ['a size', () => resizeBilinear(x, [0, 2]), '`height` to be an integer >= 1, got 0'],
    ['shapes that differ', () => meanSquaredError(x, tf.zeros([2])), 'two tensors of one shape, got [1,4,4,3] and [2]'],
    [
      'labels',
      () => softmaxCrossEntropy(tf.zeros([2, 3]), tf.zeros([2, 3])),
      '`labels` to be int32 [N], got float32 [2,3]',
    ],
    [
      'a temperature',
      () => distillationLoss(tf.zeros([2, 3]), tf.zeros([2, 3]), { temperature: 0 }),
      '`temperature` to be a number > 0, got 0',
    ],
    ['an activation', () => silu(tf.zeros([2], 'bool')), '`x` to be float32, got bool'],
  ] as const) {
    it(what, () => expect(run).toThrow(message));
  }
});
