/** Numeric gradient checks: the slope along a random direction, by central differences, against the written gradient. */
import { expect } from 'vitest';
import { type Tensor, tf } from '../../src/engine';

/** Deterministic values for a shape, spread over [low, high]. */
export function values(shape: number[], seed: number, low = -1, high = 1): Tensor {
  return tf.randomUniform(shape, low, high, 'float32', seed);
}

/** Random directions per input: one alone can be nearly orthogonal to the gradient. */
const DIRECTIONS = 3;
/** Half the distance between 1 and the next float32: an operation's relative error. */
const ROUNDING = 2 ** -24;

/**
 * For each input, compares the slopes of Σ w · f(x) along random directions with the numeric ones. The difference is relative to
 * the numeric slopes, however small they are; it's refused to compare slopes that rounding drowns.
 * `step` is large for float32's sake.
 */
export function expectGradients(
  f: (...xs: Tensor[]) => Tensor,
  inputs: Tensor[],
  { step = 1e-2, tolerance = 1e-3 }: { step?: number; tolerance?: number } = {},
): void {
  tf.tidy(() => {
    const output = f(...inputs);
    const weights = values(output.shape as number[], 99);
    const [w, y] = [weights.dataSync(), output.dataSync()];
    const objective = (...xs: Tensor[]) => tf.sum(tf.mul(f(...xs), weights)) as ReturnType<typeof tf.scalar>;
    const gradients = tf.grads((...xs: Tensor[]) => objective(...xs))(inputs);
    // What rounding of f's values makes of a slope. They are summed in double precision, which adds nothing.
    const noise = (ROUNDING / step) * norm(Array.from(w, (weight, i) => weight * y[i]!));
    inputs.forEach((x, index) => {
      const slopes = Array.from({ length: DIRECTIONS }, (_, i) => {
        const direction = values(x.shape as number[], 50 + index + 100 * i);
        const at = (t: number): number => {
          const moved = inputs.map((other, j) => (j === index ? tf.add(other, tf.mul(direction, t)) : other));
          return dot(w, f(...moved).dataSync());
        };
        const numeric = (at(step) - at(-step)) / (2 * step);
        return { numeric, written: dot(gradients[index]!.dataSync(), direction.dataSync()) };
      });
      const size = norm(slopes.map(({ numeric }) => numeric));
      const difference = norm(slopes.map(({ numeric, written }) => written - numeric));
      const seen = `input ${index}: ${slopes.map((s) => `written ${s.written}, numeric ${s.numeric}`).join('; ')}`;
      expect(size, `${seen}; too near to rounding, ${noise}: take other values or a larger step`).toBeGreaterThan(
        (2 * noise) / tolerance,
      );
      expect(difference / size, seen).toBeLessThan(tolerance);
    });
  });
}

const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((sum, x, i) => sum + x * b[i]!, 0);
const norm = (a: readonly number[]): number => Math.sqrt(dot(a, a));
