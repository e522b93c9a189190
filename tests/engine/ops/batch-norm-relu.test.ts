import { describe, expect, it } from 'vitest';
import { batchNormRelu, lossAndGradients, type Tensor, tf } from '../../../src/engine';
import { values } from '../gradient-check';
import { using } from '../native-switch';

const shapes: [string, number[], { pool?: number; residual?: boolean; bias?: boolean }][] = [
  ['alone', [3, 5, 7, 6], {}],
  ['with a bias and a pool', [4, 6, 6, 9], { pool: 2, bias: true }],
  ['with a pool that drops the edge', [2, 7, 5, 8], { pool: 2 }],
  ['with a pool of 4', [2, 9, 8, 3], { pool: 4 }],
  ['with a residual', [5, 4, 3, 17], { residual: true }],
];

describe.each(shapes)('batch norm, ReLU, %s', (_, shape, { pool = 1, residual = false, bias = false }) => {
  const channels = shape.at(-1)!;
  const start = {
    x: values(shape, 1, -2, 5),
    gamma: values([channels], 2, 0.5, 1.5),
    beta: values([channels], 3),
    ...(bias ? { bias: values([channels], 4) } : {}),
    ...(residual ? { residual: values(shape, 5) } : {}),
  };

  function outcome(native: boolean, training: boolean): Record<string, Tensor> {
    return using(native, () => {
      const inputs = Object.fromEntries(Object.entries(start).map(([name, value]) => [name, tf.variable(value)]));
      const running = {
        mean: tf.variable(values([channels], 6)),
        variance: tf.variable(values([channels], 7, 0.5, 2)),
      };
      const forward = () => {
        const { x, gamma, beta, ...after } = inputs;
        return batchNormRelu(x!, gamma!, beta!, { running, training, pool, ...after });
      };
      if (!training) return { y: forward() };
      let y: Tensor | undefined;
      const { gradients } = lossAndGradients(inputs, () => {
        y = tf.keep(forward());
        return tf.sum(tf.mul(y, values(y.shape as number[], 8)));
      });
      return { y: y!, ...running, ...Object.fromEntries(Object.entries(gradients).map(([k, g]) => [`d${k}`, g])) };
    });
  }

  it.each([true, false])("gives what TensorFlow's operations give, training %s", (training) => {
    const [ours, theirs] = [outcome(true, training), outcome(false, training)];
    for (const [name, expected] of Object.entries(theirs)) {
      const error = tf.max(tf.abs(tf.sub(ours[name]!, expected))).dataSync()[0];
      expect(ours[name]!.shape).toEqual(expected.shape);
      expect(error, name).toBeLessThan(5e-5);
    }
  });

  it('is the same twice, bit for bit', () => {
    const [first, second] = [outcome(true, true), outcome(true, true)];
    for (const [name, tensor] of Object.entries(first)) expect(second[name]!.dataSync()).toEqual(tensor.dataSync());
  });
});

it('keeps a large common offset from costing precision', () => {
  const x = tf.add(values([4, 8, 8, 3], 1), 1000);
  const [ours, exact] = [true, false].map((native) =>
    using(native, () => {
      const running = { mean: tf.variable(tf.zeros([3])), variance: tf.variable(tf.ones([3])) };
      const shifted = native ? x : tf.sub(x, 1000);
      return batchNormRelu(shifted, tf.ones([3]), tf.zeros([3]), { running, training: true });
    }),
  );
  expect(tf.max(tf.abs(tf.sub(ours!, exact!))).dataSync()[0]).toBeLessThan(1e-3);
});

it('passes NaN on, and refuses a residual with a pool', () => {
  const running = { mean: tf.variable(tf.zeros([2])), variance: tf.variable(tf.ones([2])) };
  const [x, one] = [tf.fill([1, 2, 2, 2], Number.NaN), tf.ones([2])];
  for (const training of [true, false]) {
    const y = using(true, () => batchNormRelu(x, one, one, { running, training }));
    expect(Array.from(y.dataSync()).every(Number.isNaN)).toBe(true);
  }
  expect(() => batchNormRelu(x, one, one, { running, training: true, residual: x, pool: 2 })).toThrow(/no pool with/);
});
