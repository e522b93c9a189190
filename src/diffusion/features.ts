/** Diffusion features (DIFT, Tang et al. 2023): activations of the denoiser that describe image regions. */
import { breathe, gaussianNoise, type LongTask, tf } from '../engine';
import { type FeatureGrid, pooledGrid } from './feature-grid';
import type { Latents } from './noise-loss';
import type { LatentDiffusion } from './pipeline';

export interface DiffusionFeatureOptions extends LongTask {
  /** Prompt of the denoiser (paper 001: the label prompt). */
  prompt: string;
  /** Timestep of the added noise, an index into the schedule. Default: 160 of 1000 (paper 001). */
  timestep?: number;
  /** Index of the up block whose output is used, 0 = coarsest. Default: 1 (DIFT on Stable Diffusion). */
  upBlock?: number;
  /** Noise draws averaged per image. Default: 8 (DIFT). */
  ensemble?: number;
  seed: number;
  /** Maximum cells along a side: larger maps are averaged down to it. Default: no maximum. */
  grid?: number;
  /** Images per pass; each is `ensemble` items of the batch. Default: 8. */
  batch?: number;
}

/**
 * One pass of the denoiser over each image at one timestep, the up-block's output averaged over noise draws: a grid of
 * feature vectors per image.
 * @param ids one identity per image (its content fingerprint), from which its noise is drawn
 * @throws naming the image, if a feature is not finite
 */
export async function diffusionFeatures(
  prior: LatentDiffusion,
  latents: Latents,
  ids: readonly string[],
  options: DiffusionFeatureOptions,
): Promise<FeatureGrid[]> {
  const { prompt, timestep = 160, upBlock = 1, ensemble = 8, seed, grid, batch = 8, signal, onProgress } = options;
  const [count, height, width, channels] = latents.shape;
  if (ids.length !== count) throw new Error(`Expected one identity per image, got ${ids.length} for ${count} images.`);
  const size = height * width * channels;
  const context = prior.encodePrompts([prompt]);
  const grids: FeatureGrid[] = [];
  try {
    for (let start = 0; start < count; start += batch) {
      await breathe(signal);
      const images = Math.min(batch, count - start);
      const passes = images * ensemble;
      const [clean, noise] = [new Float32Array(passes * size), new Float32Array(passes * size)];
      for (let i = 0; i < passes; i++) {
        const [image, draw] = [start + Math.floor(i / ensemble), i % ensemble];
        clean.set(latents.values.subarray(image * size, (image + 1) * size), i * size);
        noise.set(gaussianNoise({ seed, item: `${ids[image]!}/${draw}`, timestep, size }), i * size);
      }
      const features = tf.tidy(() => {
        const latentShape = [passes, height, width, channels];
        const at = new Int32Array(passes).fill(timestep);
        const noisy = prior.schedule.addNoise(tf.tensor(clean, latentShape), tf.tensor(noise, latentShape), at);
        const map = prior.unet.features(noisy, at, context, [upBlock])[0]!;
        return tf.mean(tf.reshape(map, [images, ensemble, ...map.shape.slice(1)]), 1);
      });
      const [, h, w, c] = features.shape as [number, number, number, number];
      const values = await features.data<'float32'>();
      features.dispose();
      const one = h * w * c;
      for (let i = 0; i < images; i++) {
        const whole = { values: values.slice(i * one, (i + 1) * one), height: h, width: w, channels: c };
        const broken = whole.values.find((value) => !Number.isFinite(value));
        if (broken !== undefined) {
          throw new Error(`Expected finite diffusion features, got ${broken} for image ${ids[start + i]!}.`);
        }
        grids.push(grid === undefined ? whole : pooledGrid(whole, grid));
      }
      onProgress?.({ label: 'Diffusion features', done: start + images, total: count });
    }
  } finally {
    context.dispose();
  }
  return grids;
}
