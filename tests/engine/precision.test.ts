/** Sixteen-bit factors: our kernel and TensorFlow's operations on rounded values against the definition, and gradients. */
import { beforeEach, describe, expect, it } from 'vitest';
import {
  conv2d,
  type Conv2dOptions,
  dense,
  denseGelu,
  geglu,
  precision,
  type Tensor,
  tf,
  withPrecision,
} from '../../src/engine';
import { hasNativeKernels } from '../../src/engine/native-kernels';
import { roundToBfloat16 } from '../../src/engine/ops/bfloat16';
import { values } from './gradient-check';
import { isThere, useNative } from './native-switch';

/** |a − b| / |b| in the Euclidean norm. */
const distance = (a: Tensor, b: Tensor): number => tf.div(tf.norm(tf.sub(a, b)), tf.norm(b)).dataSync<'float32'>()[0]!;

/** Value and gradients of Σ w · f(x, …), the output first. */
function withGradients(f: (...xs: Tensor[]) => Tensor, inputs: Tensor[]): Tensor[] {
  const output = f(...inputs);
  const weights = values(output.shape as number[], 99);
  return [output, ...tf.grads((...xs: Tensor[]) => tf.sum(tf.mul(f(...xs), weights)))(inputs)];
}

const inBfloat16 =
  (f: (...xs: Tensor[]) => Tensor) =>
  (...xs: Tensor[]): Tensor =>
    withPrecision('bfloat16', () => f(...xs));

describe('rounding to bfloat16', () => {
  it('goes to the nearest, ties to even, and keeps signs, zeros and infinities', () => {
    const pairs: [number, number][] = [
      [1, 1],
      [1 + 2 ** -7, 1 + 2 ** -7],
      [1 + 2 ** -8, 1], // halfway: the even mantissa
      [1 + 3 * 2 ** -8, 1 + 2 ** -6], // halfway: the even one above
      [1 + 2 ** -8 + 2 ** -20, 1 + 2 ** -7],
      [-2.7, -2.703125],
      [-0, -0],
      [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
    ];
    const rounded = roundToBfloat16(tf.tensor1d(pairs.map(([x]) => x))).dataSync();
    expect([...rounded]).toEqual(pairs.map(([, y]) => y));
  });

  it('keeps every NaN, whatever its bits', () => {
    const bits = new Uint32Array([0x7fc00000, 0x7fff8000, 0x7fffffff, 0xffffffff, 0x7f800001]);
    const rounded = roundToBfloat16(tf.tensor1d(new Float32Array(bits.buffer))).dataSync();
    expect([...rounded]).toEqual([Number.NaN, Number.NaN, Number.NaN, Number.NaN, Number.NaN]);
  });
});

describe('withPrecision', () => {
  it('holds for its body alone, also when that throws', () => {
    expect(withPrecision('bfloat16', precision)).toBe('bfloat16');
    const fails = () =>
      withPrecision('bfloat16', () => {
        throw new Error('in the body');
      });
    expect(fails).toThrow('in the body');
    expect(precision()).toBe('float32');
  });

  it('is kept by the gradient of what ran in it', () => {
    const [x, kernel] = [values([3, 40], 1), values([40, 24], 2)];
    const [, dx] = withGradients(
      inBfloat16((x) => dense(x, kernel)),
      [x],
    );
    const weights = roundToBfloat16(values([3, 24], 99));
    const expected = tf.matMul(weights, roundToBfloat16(kernel), false, true);
    expect(distance(dx!, expected)).toBeLessThan(1e-6);
  });
});

interface Case {
  x: number[];
  kernel: number[];
  options: Conv2dOptions;
}
const cases: Record<string, Case> = {
  'of odd sizes': { x: [2, 7, 6, 5], kernel: [3, 3, 5, 9], options: { padding: 1 } },
  'with a step': { x: [3, 8, 8, 16], kernel: [3, 3, 16, 34], options: { stride: 2, padding: 1 } },
  'with a step and the odd pixel below': {
    x: [2, 8, 8, 6],
    kernel: [3, 3, 6, 8],
    options: { stride: 2, padding: 'same' },
  },
  'without padding': { x: [2, 5, 5, 33], kernel: [3, 3, 33, 4], options: { padding: 'valid' } },
  'with padding on one side': {
    x: [1, 6, 6, 8],
    kernel: [3, 3, 8, 8],
    options: {
      stride: 2,
      padding: [
        [0, 1],
        [0, 1],
      ],
    },
  },
  'of the first layer': { x: [1, 20, 20, 3], kernel: [7, 7, 3, 32], options: { stride: 2, padding: 3 } },
  'of single pixels': { x: [3, 4, 4, 70], kernel: [1, 1, 70, 40], options: {} },
  'of every second pixel': { x: [3, 4, 4, 32], kernel: [1, 1, 32, 64], options: { stride: 2, padding: 0 } },
  'of more pixels than a band': { x: [5, 20, 20, 40], kernel: [3, 3, 40, 6], options: { padding: 1 } },
  'of many small images': { x: [40, 2, 2, 64], kernel: [3, 3, 64, 33], options: { padding: 1 } },
  'of a large kernel on a small image': { x: [2, 3, 3, 17], kernel: [5, 5, 17, 8], options: { padding: 2 } },
  'with a step of three': { x: [2, 10, 11, 20], kernel: [4, 4, 20, 24], options: { stride: 3, padding: 1 } },
  'with a step beyond the kernel': { x: [2, 9, 9, 20], kernel: [2, 2, 20, 8], options: { stride: 3, padding: 0 } },
  'padded beyond the kernel': { x: [2, 4, 4, 16], kernel: [1, 1, 16, 16], options: { padding: 1 } },
  'that leaves pixels over': { x: [2, 9, 9, 16], kernel: [3, 3, 16, 16], options: { stride: 2, padding: 'valid' } },
};

const why = isThere('bfloat16') ? '' : ' (skipped: this processor or this binding has no tiles)';
describe.each([
  [`our kernel${why}`, true],
  ["TensorFlow's operations", false],
] as const)('products in bfloat16, by %s,', (_, ours) => {
  beforeEach((context) => {
    context.skip(ours && why !== '', why);
    useNative(ours);
  });

  for (const [name, { x: shape, kernel: kernelShape, options }] of Object.entries(cases)) {
    it(`are those of rounded factors: a convolution ${name}`, () => {
      const bias = values([kernelShape[3]!], 3);
      const inputs = [values(shape, 1), values(kernelShape, 2)];
      const run = (x: Tensor, kernel: Tensor) => conv2d(x, kernel, { ...options, bias });
      const [y, dx, dkernel] = withGradients(inBfloat16(run as (...xs: Tensor[]) => Tensor), inputs) as [
        Tensor,
        Tensor,
        Tensor,
      ];
      const [x, kernel] = inputs.map(roundToBfloat16) as [Tensor, Tensor];
      expect(distance(y, run(x, kernel))).toBeLessThan(1e-6);
      // The output's gradient is rounded too.
      const weights = roundToBfloat16(values(y.shape as number[], 99));
      const [ex, ekernel] = tf.grads((x: Tensor, kernel: Tensor) => tf.sum(tf.mul(run(x, kernel), weights)))([
        x,
        kernel,
      ]) as [Tensor, Tensor];
      expect(distance(dx, ex)).toBeLessThan(1e-6);
      expect(distance(dkernel, ekernel)).toBeLessThan(1e-6);
    });
  }

  it('are near those of float32: dense and gated layers', () => {
    const inputs = [values([2, 50, 48], 1), values([48, 96], 2, -0.2, 0.2), values([96], 3)];
    for (const layer of [dense, denseGelu, geglu]) {
      const run = (...xs: Tensor[]) => layer(xs[0]!, xs[1]!, xs[2]!);
      const [exact, near] = [withGradients(run, inputs), withGradients(inBfloat16(run), inputs)];
      for (const [i, tensor] of near.entries()) {
        expect(distance(tensor, exact[i]!)).toBeLessThan(1e-2);
        if (i < 3) expect(distance(tensor, exact[i]!)).toBeGreaterThan(1e-5); // it did round
      }
    }
  });

  it('let NaN through', () => {
    const x = tf.tensor4d([Number.NaN, 1, 1, 1], [1, 2, 2, 1]);
    const y = inBfloat16((x) => conv2d(x, tf.ones([1, 1, 1, 1])))(x).dataSync();
    expect([...y]).toEqual([Number.NaN, 1, 1, 1]);
  });

  it('keep NaN to the pixels that see it', () => {
    const shape = [2, 6, 6, 3];
    const broken = Float32Array.from(values(shape, 1).dataSync());
    broken[3 * (6 * 3 + 3) + 1] = Number.NaN; // image 0, row 3, column 3
    const y = inBfloat16((x) => conv2d(x, values([3, 3, 3, 4], 2), { padding: 1 }))(
      tf.tensor(broken, shape),
    ).dataSync();
    const seen = [...y.keys()].filter((i) => Number.isNaN(y[i]));
    const pixels = [2, 3, 4].flatMap((row) => [2, 3, 4].map((column) => row * 6 + column));
    expect(seen).toEqual(pixels.flatMap((pixel) => [0, 1, 2, 3].map((channel) => 4 * pixel + channel)));
  });
});

describe('the kernel for bfloat16', () => {
  it('is done without when told so', () => {
    useNative(false);
    expect(hasNativeKernels('bfloat16')).toBe(false);
  });

  it.runIf(why === '')(`gives a kernel no gradient from an empty batch${why}`, () => {
    useNative(true);
    const run = inBfloat16((x, kernel) => conv2d(x!, kernel!, { padding: 1 }));
    const inputs = [tf.zeros([0, 4, 4, 16]), values([3, 3, 16, 8], 2)];
    const [y, , dkernel] = withGradients(run, inputs) as [Tensor, Tensor, Tensor];
    expect(y.shape).toEqual([0, 4, 4, 8]);
    expect(dkernel.dataSync().every((value) => value === 0)).toBe(true);
  });

  it('gives an image the same bits whoever is in its batch', () => {
    useNative(true);
    const [x, kernel] = [values([6, 9, 9, 20], 1), values([3, 3, 20, 20], 2)];
    const run = inBfloat16((x) => conv2d(x, kernel, { padding: 1 }));
    const last = (tensor: Tensor) => tf.slice(tensor, [3, 0, 0, 0], [3, 9, 9, 20]);
    // TensorFlow's own may sum in another order for another batch.
    const bound = hasNativeKernels('bfloat16') ? 0 : 1e-6;
    expect(distance(last(run(x)), run(last(x)))).toBeLessThanOrEqual(bound);
  });
});
