/** Second derivatives, against finite differences of the first ones. */
import { describe, expect, it } from 'vitest';
import {
  lossAndGradients,
  RandomStream,
  recordedGradients,
  relu,
  type Tensor,
  tf,
  twice,
  type Variable,
} from '../../../src/engine';

const values = (shape: number[], salt: string): Tensor =>
  tf.tensor(new RandomStream(0, salt).fillNormal(new Float32Array(shape.reduce((a, b) => a * b, 1))), shape);

/** Two images of 4 pixels under one block and a classifier. */
const parameters = {
  kernel: values([3, 3, 2, 3], 'kernel'),
  gamma: values([3], 'gamma'),
  beta: values([3], 'beta'),
  weight: values([12, 3], 'weight'),
  bias: values([3], 'bias'),
};
type Parameters = typeof parameters;
const right = tf.tensor2d([
  [0, 1, 0],
  [0.3, 0, 0.7],
]);
const loss = (images: Tensor, { kernel, gamma, beta, weight, bias }: Parameters): Tensor => {
  const block = twice.avgPool2d(twice.relu(twice.instanceNorm(twice.conv2d(images, kernel), gamma, beta)), { size: 2 });
  return twice.softmaxCrossEntropy(twice.dense(tf.reshape(block, [2, -1]), weight, bias), right);
};

describe('operations that can be differentiated twice', () => {
  const images = tf.variable(values([2, 4, 4, 2], 'images')) as Variable;
  /** Some function of the gradient with respect to each parameter. */
  const ofGradient = (gradients: Record<string, Tensor>): Tensor =>
    tf.addN(Object.entries(gradients).map(([name, g]) => tf.sum(tf.mul(tf.square(g), values(g.shape, `of ${name}`)))));

  it.each(Object.keys(parameters))('give the derivative of the gradient of %s', (name) => {
    const value = () =>
      tf.tidy(() => {
        const gradients = tf.grads((p: Tensor) => loss(images, { ...parameters, [name]: p }))([
          parameters[name as keyof Parameters],
        ]);
        return ofGradient({ [name]: gradients[0]! }).dataSync()[0]!;
      });
    const { gradients } = lossAndGradients({ images }, () =>
      ofGradient(recordedGradients({ [name]: parameters[name as keyof Parameters] }, () => loss(images, parameters))),
    );
    const direction = values([2, 4, 4, 2], 'direction');
    const slope = tf.sum(tf.mul(gradients.images!, direction)).dataSync()[0]!;
    const before = tf.clone(images);
    const at = (step: number) => {
      images.assign(tf.add(before, tf.mul(direction, step)));
      return value();
    };
    const step = 2e-3;
    const expected = (at(step) - at(-step)) / (2 * step);
    images.assign(before);
    expect(Math.abs(slope - expected)).toBeLessThan(0.01 * Math.abs(expected));
    expect(Math.abs(expected)).toBeGreaterThan(0.01);
  });

  it('refuse company that would give a wrong number: our other operations, and what tfjs saves the output of', () => {
    const refused = (inner: (x: Tensor) => Tensor) => () =>
      lossAndGradients({ images }, () => {
        const { images: gradient } = recordedGradients({ images }, () => tf.sum(inner(images)));
        return tf.sum(tf.square(gradient));
      });
    expect(refused((x) => relu(x))).toThrow(/can be differentiated twice, got relu/);
    expect(refused((x) => tf.exp(x))).toThrow(/got tf's Exp/);
    expect(refused((x) => tf.logSoftmax(x as never))).toThrow(/got one of tf.customGrad/);
    expect(refused((x) => tf.softmax(x as never))).toThrow(/got tf's Softmax/);
    expect(refused((x) => tf.rsqrt(tf.add(tf.square(x), 1)))).not.toThrow();
  });
});
