/** A prior in closed form, for tests whose other half is Python: ε = tanh(a·z·(1 + t/1000) + b), with b of the class. */
import { NoiseSchedule, LEARNED_VARIANCE_SCHEDULE, STABLE_DIFFUSION_SCHEDULE } from '../../../src/diffusion';
import { type Tensor, tf } from '../../../src/engine';
import type { ConditionedPrior } from '../../../src/methods/generative/conditioned-prior';
import type { AutoencoderKL } from '../../../src/models';

/** Values per channel: of the denoiser, and of the class and of none. */
export interface AnalyticWeights {
  a: number[];
  /** First the class, then the null class. */
  b: [number[], number[]];
}

/** Latents 2×2 of a.length channels. `learned`: the variance too, v = tanh(z/2), under DiT's schedule. */
export function analyticPrior({ a, b }: AnalyticWeights, { learned = false } = {}): ConditionedPrior {
  const channels = a.length;
  const denoiser = {
    config: { in_channels: channels, out_channels: learned ? 2 * channels : channels },
    forward: (latents: Tensor, timesteps: unknown, condition: Tensor) => ({
      sample: tf.tidy(() => {
        const shift = tf.reshape(tf.gather(tf.tensor2d(b), condition.cast('int32')), [-1, 1, 1, channels]);
        const scale = tf.mul(tf.tensor1d(a), 1 + Number(timesteps) / 1000);
        const noise = tf.tanh(tf.add(tf.mul(latents, scale), shift));
        return learned ? tf.concat([noise, tf.tanh(tf.mul(latents, 0.5))], -1) : noise;
      }),
    }),
  };
  return {
    denoiser,
    schedule: new NoiseSchedule(learned ? LEARNED_VARIANCE_SCHEDULE : STABLE_DIFFUSION_SCHEDULE),
    vae: undefined as unknown as AutoencoderKL,
    imageSize: 2,
    latentSize: 2,
    guidanceOn: learned ? 'three' : 'all',
    conditionsOf: (_className, count) => ({
      condition: tf.zeros([count], 'int32'),
      nullCondition: tf.ones([1], 'int32'),
    }),
  };
}
