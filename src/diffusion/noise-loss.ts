/**
 * How much the label helps the diffusion prior to predict the noise in an image: the loss without the label minus the
 * loss with it, at each latent position (paper 001, equation 6).
 */
import { breathe, gaussianNoise, type LongTask, type Tensor, tf } from '../engine';
import type { LatentDiffusion } from './pipeline';

/** Latents of several images, [count, height, width, channels] row-major, scaled as the denoiser takes them. */
export interface Latents {
  values: Float32Array;
  shape: readonly [count: number, height: number, width: number, channels: number];
}

export interface DifferentialLossOptions extends LongTask {
  /** Timesteps at which noise is added, each 0 … 999. */
  timesteps: readonly number[];
  /** The prompt with the label and the one without (paper 001: 'An image of c' and 'An image of .'). */
  prompts: { label: string; null: string };
  /** Seed of the noise; each image at each timestep has noise of its own, whatever the batch. */
  seed: number;
  /** (Image, timestep) pairs a pass through the network; each passes twice, once a prompt. */
  batch?: number;
}

/** Loss differences [count, timesteps, height, width], row-major. */
export interface DifferentialLosses {
  values: Float32Array;
  shape: readonly [count: number, timesteps: number, height: number, width: number];
  timesteps: readonly number[];
}

/**
 * ‖ε − ε_θ(z_t, t, null)‖² − ‖ε − ε_θ(z_t, t, c)‖² per latent position, averaged over the latent channels, for every
 * image at every timestep. Both prompts see the same noise. Higher is more typical of the class.
 * @param ids one identity an image (its content fingerprint): the noise depends on it, not on the order
 */
export async function differentialLosses(
  prior: LatentDiffusion,
  latents: Latents,
  ids: readonly string[],
  options: DifferentialLossOptions,
): Promise<DifferentialLosses> {
  const { timesteps, prompts, seed, batch = 32, signal, onProgress } = options;
  const [count, height, width, channels] = latents.shape;
  if (ids.length !== count) throw new Error(`Expected one identity an image, got ${ids.length} for ${count} images.`);
  const positions = height * width;
  const size = positions * channels;
  const values = new Float32Array(count * timesteps.length * positions);
  const total = count * timesteps.length;
  const context = prior.encodePrompts([prompts.label, prompts.null]);
  try {
    for (let start = 0; start < total; start += batch) {
      await breathe(signal);
      const pairs = Math.min(batch, total - start);
      const [clean, noise] = [new Float32Array(pairs * size), new Float32Array(pairs * size)];
      const at = new Int32Array(pairs);
      for (let i = 0; i < pairs; i++) {
        const [image, step] = [Math.floor((start + i) / timesteps.length), (start + i) % timesteps.length];
        at[i] = timesteps[step]!;
        clean.set(latents.values.subarray(image * size, (image + 1) * size), i * size);
        noise.set(gaussianNoise({ seed, item: ids[image]!, timestep: at[i]!, size }), i * size);
      }
      const difference = tf.tidy(() => {
        const shape = [pairs, height, width, channels];
        const epsilon = tf.tensor(noise, shape);
        const noisy = prior.schedule.addNoise(tf.tensor(clean, shape), epsilon, at);
        const lossUnder = (prompt: number): Tensor => {
          const text = tf.tile(tf.slice(context, [prompt, 0, 0], [1, -1, -1]), [pairs, 1, 1]);
          return tf.mean(tf.squaredDifference(prior.unet.forward(noisy, at, text).sample, epsilon), 3);
        };
        return tf.sub(lossUnder(1), lossUnder(0));
      });
      values.set(await difference.data<'float32'>(), start * positions);
      difference.dispose();
      onProgress?.({ label: 'Noise losses', done: start + pairs, total });
    }
  } finally {
    context.dispose();
  }
  return { values, shape: [count, timesteps.length, height, width], timesteps };
}
