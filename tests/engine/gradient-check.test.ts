/** The checker itself: a wrong gradient must not pass because it's small. */
import { describe, expect, it } from 'vitest';
import { type Tensor, tf } from '../../src/engine';
import { expectGradients, values } from './gradient-check';

/** `scale` · x², whose written gradient is `factor` times the true one. */
const square = (scale: number, factor: number) =>
  tf.customGrad((x, save) => {
    (save as (tensors: Tensor[]) => void)([x as Tensor]);
    return {
      value: tf.mul(tf.square(x as Tensor), scale),
      gradFunc: (dy: Tensor, saved: Tensor[]) => tf.mul(dy, tf.mul(saved[0]!, 2 * scale * factor)),
    };
  }) as (x: Tensor) => Tensor;

describe('expectGradients', () => {
  const x = values([3, 4], 1);
  it.each([1, 1e-6])('takes the right gradient and no other, of values near %d', (scale) => {
    expect(() => expectGradients(square(scale, 1), [x])).not.toThrow();
    for (const factor of [0, -1, 0.99, 1.01]) {
      expect(() => expectGradients(square(scale, factor), [x]), `${factor}`).toThrow(/written .*, numeric /);
    }
  });

  it('refuses slopes that drown in rounding, even where both are 0', () => {
    expect(() => expectGradients((x) => tf.add(tf.mul(x, 1e-5), 1), [x])).toThrow('too near to rounding');
    expect(() => expectGradients((x) => tf.mul(x, 0), [x])).toThrow('too near to rounding');
  });
});
