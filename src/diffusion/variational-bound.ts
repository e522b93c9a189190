/**
 * The term of the variational bound from which a denoiser learns the variance of its steps (Nichol & Dhariwal 2021), as
 * OpenAI's code and DiT's compute it. The tables by timestep are in float64, the tensors in float32.
 */
import { type Tensor, tf } from '../engine';
import { learnedLogVariance } from './samplers';
import type { NoiseSchedule } from './schedules';

/** What the bound is computed from; all [N,H,W,C]. */
export interface BoundInput {
  /** z_0 */
  clean: Tensor;
  /** The denoiser's guess x̂_0, unclipped. Detach it first: the bound must not change the predicted mean. */
  predicted: Tensor;
  /** The variance half of the denoiser's output: -1 is the posterior's variance, 1 is β_t. */
  variance: Tensor;
  /** One per item. */
  timesteps: ArrayLike<number>;
}

export class VariationalBound {
  /** log of the posterior's variance at each timestep. The first one, which is 0, is replaced by the second. */
  private readonly smallest: number[];
  /** log β_t */
  private readonly largest: number[];
  /** Weight of z_0 in the posterior's mean. */
  private readonly weight: number[];

  constructor(schedule: NoiseSchedule) {
    const { betas } = schedule;
    const left: number[] = [];
    for (const beta of betas) left.push((left.at(-1) ?? 1) * (1 - beta));
    const before = (t: number): number => (t === 0 ? 1 : left[t - 1]!);
    const posterior = Array.from(betas, (beta, t) => (beta * (1 - before(t))) / (1 - left[t]!));
    this.smallest = posterior.map((variance, t) => Math.log(t === 0 ? posterior[1]! : variance));
    this.largest = Array.from(betas, Math.log);
    this.weight = Array.from(betas, (beta, t) => (beta * Math.sqrt(before(t))) / (1 - left[t]!));
  }

  /**
   * KL(q(z_{t-1} | z_t, z_0) ‖ p(z_{t-1} | z_t)), or -log p(z_0 | z_1) at the first timestep: the mean over the values
   * of each item, in bits.
   * @returns [N]
   */
  terms({ clean, predicted, variance, timesteps }: BoundInput): Tensor {
    return tf.tidy(() => {
      const column = (table: readonly number[]): Tensor =>
        tf.tensor4d(
          Array.from(timesteps, (t) => table[t]!),
          [timesteps.length, 1, 1, 1],
        );
      const smallest = column(this.smallest);
      const chosen = learnedLogVariance(variance, { smallest, largest: column(this.largest) });
      // Both means contain z_t with the same weight, so it cancels.
      const distance = tf.mul(tf.sub(clean, predicted), column(this.weight));
      const divergence = bits(
        tf.mul(
          tf.add(
            tf.sub(tf.sub(chosen, smallest), 1),
            tf.add(tf.exp(tf.sub(smallest, chosen)), tf.mul(tf.square(distance), tf.exp(tf.neg(chosen)))),
          ),
          0.5,
        ),
      );
      const first = Array.from(timesteps, (t) => Number(t === 0));
      if (!first.includes(1)) return divergence;
      // At the first timestep the mean is x̂_0 itself.
      const likelihood = bits(tf.neg(discretisedLogLikelihood(clean, predicted, tf.mul(chosen, 0.5))));
      const mask = tf.tensor1d(first);
      return tf.add(tf.mul(likelihood, mask), tf.mul(divergence, tf.sub(1, mask)));
    });
  }
}

/** Mean over an item's values, converted from nats to bits. [N,H,W,C] → [N] */
const bits = (nats: Tensor): Tensor => tf.div(tf.mean(nats, [1, 2, 3]), Math.LN2);

/** Φ(x), the normal distribution function, by its tanh approximation. */
function normalShare(x: Tensor): Tensor {
  const bent = tf.mul(tf.add(x, tf.mul(tf.pow(x, 3), 0.044715)), Math.sqrt(2 / Math.PI));
  return tf.mul(tf.add(tf.tanh(bent), 1), 0.5);
}

/**
 * log of a normal's probability of the 8-bit step around x, whose outermost steps are open-ended. It is meant for
 * pixels in -1 … 1; the original code applies it to latents too, and so do we.
 */
function discretisedLogLikelihood(x: Tensor, mean: Tensor, logDeviation: Tensor): Tensor {
  const [inverse, centred, half] = [tf.exp(tf.neg(logDeviation)), tf.sub(x, mean), 1 / 255];
  const above = normalShare(tf.mul(inverse, tf.add(centred, half)));
  const below = normalShare(tf.mul(inverse, tf.sub(centred, half)));
  const log = (share: Tensor): Tensor => tf.log(tf.clipByValue(share, 1e-12, 1));
  const inner = tf.where(tf.greater(x, 0.999), log(tf.sub(1, below)), log(tf.sub(above, below)));
  return tf.where(tf.less(x, -0.999), log(above), inner);
}
