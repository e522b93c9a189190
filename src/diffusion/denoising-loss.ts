/** Training loss of a class-conditional denoiser: squared error of the noise, plus the bound for a learned variance. */
import { meanSquaredError, type Tensor, tf, withoutGradients } from '../engine';
import type { Denoiser } from '../models';
import type { NoiseSchedule } from './schedules';
import { VariationalBound } from './variational-bound';

/** One training batch. */
export interface NoisyBatch {
  /** z_0 [N,H,W,C] */
  clean: Tensor;
  /** ε, standard normal [N,H,W,C] */
  noise: Tensor;
  /** One per item. */
  timesteps: ArrayLike<number>;
  /** Labels int32 [N]; the null class where the label was dropped. */
  condition: Tensor;
}

export interface DenoisingLossOptions {
  /**
   * γ of Min-SNR (Hang et al. 2023): the squared error at timestep t is weighted by min(1, γ/SNR_t), SNR_t = α̅_t / (1
   * - α̅_t), so nearly clean latents, whose noise is hard to predict, count less. Default: all timesteps count the
   * same, as in DiT.
   */
  minSnr?: number | undefined;
}

export type DenoisingTerms = {
  /** ‖ε - ε_θ‖² + bound, a scalar: means over the batch and the values. */
  loss: Tensor;
  /** x̂_0 = (z_t - √(1 - α̅_t) ε_θ) / √α̅_t [N,H,W,C], unclipped, with its gradient. */
  predicted: Tensor;
};

/** The training loss under one noise schedule. */
export class DenoisingLoss {
  private readonly bound: VariationalBound;
  private readonly minSnr: number | undefined;

  /** @throws if the schedule's prediction_type isn't epsilon, or minSnr isn't above 0 */
  constructor(
    private readonly schedule: NoiseSchedule,
    { minSnr }: DenoisingLossOptions = {},
  ) {
    if (minSnr !== undefined && !(minSnr > 0)) throw new Error(`Expected 'minSnr' above 0, got ${minSnr}.`);
    this.minSnr = minSnr;
    const { prediction_type: type } = schedule.config;
    if (type !== 'epsilon') throw new Error(`Expected a denoiser that predicts noise (epsilon), got '${type}'.`);
    this.bound = new VariationalBound(schedule);
  }

  /** DiT's `training_losses`. A learned variance adds the bound, whose gradient doesn't reach the predicted mean. */
  terms(denoiser: Denoiser, { clean, noise, timesteps, condition }: NoisyBatch): DenoisingTerms {
    const at = Int32Array.from(timesteps);
    return tf.tidy(() => {
      const noisy = this.schedule.addNoise(clean, noise, at);
      const { sample } = denoiser.forward(noisy, at, condition);
      const learns = sample.shape[3] === 2 * clean.shape[3]!;
      const [found, variance] = learns ? (tf.split(sample, 2, 3) as [Tensor, Tensor]) : [sample];
      const predicted = this.schedule.removeNoise(noisy, found, at);
      const squared = this.squaredError(found, noise, at);
      if (!variance) return { loss: squared, predicted };
      const detached = withoutGradients(() => tf.clone(predicted));
      const bound = this.bound.terms({ clean, predicted: detached, variance, timesteps: at });
      return { loss: tf.add(squared, tf.mean(bound)), predicted };
    });
  }

  /** Mean of w_t · (ε - ε_θ)²: a scalar. */
  private squaredError(found: Tensor, noise: Tensor, timesteps: Int32Array): Tensor {
    if (this.minSnr === undefined) return meanSquaredError(found, noise);
    const roots = Array.from(timesteps, (t) => {
      const left = this.schedule.alphaBar(t);
      return Math.sqrt(Math.min(1, (this.minSnr! * (1 - left)) / left));
    });
    const root = tf.tensor(roots, [roots.length, ...noise.shape.slice(1).fill(1)], 'float32');
    return meanSquaredError(tf.mul(found, root), tf.mul(noise, root));
  }
}
