/** Numeric gradient checks: the slope along a random direction, by central differences, against the written gradient. */
import { expect } from 'vitest';
import { type Tensor, tf } from '../../src/engine';

/** Deterministic values for a shape, spread over [low, high]. */
export function values(shape: number[], seed: number, low = -1, high = 1): Tensor {
  return tf.randomUniform(shape, low, high, 'float32', seed);
}

/**
 * For each input, compares the directional derivative of Σ w · f(x) with the numeric one.
 * `step` is large for float32's sake; `tolerance` is relative to the larger of 1 and the derivative.
 */
export function expectGradients(
  f: (...xs: Tensor[]) => Tensor,
  inputs: Tensor[],
  { step = 1e-2, tolerance = 1e-2 }: { step?: number; tolerance?: number } = {},
): void {
  tf.tidy(() => {
    const weights = values(f(...inputs).shape as number[], 99);
    const objective = (...xs: Tensor[]) => tf.sum(tf.mul(f(...xs), weights)) as ReturnType<typeof tf.scalar>;
    const gradients = tf.grads((...xs: Tensor[]) => objective(...xs))(inputs);
    inputs.forEach((x, index) => {
      const direction = values(x.shape as number[], 50 + index);
      const at = (t: number) => {
        const moved = inputs.map((other, j) => (j === index ? tf.add(other, tf.mul(direction, t)) : other));
        return objective(...moved).dataSync()[0]!;
      };
      const numeric = (at(step) - at(-step)) / (2 * step);
      const written = tf.sum(tf.mul(gradients[index]!, direction)).dataSync()[0]!;
      const error = Math.abs(written - numeric) / Math.max(1, Math.abs(numeric));
      expect(error, `input ${index}: written ${written}, numeric ${numeric}`).toBeLessThan(tolerance);
    });
  });
}
