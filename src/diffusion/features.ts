/** Diffusion features (DIFT, Tang et al. 2023): activations of the denoiser as descriptions of image regions. */
import { breathe, gaussianNoise, type LongTask, tf } from '../engine';
import type { Latents } from './noise-loss';
import type { LatentDiffusion } from './pipeline';

export interface DiffusionFeatureOptions extends LongTask {
  /** Prompt of the denoiser (paper 001: the label prompt). */
  prompt: string;
  /** Timestep of the added noise, 0 … 999 (paper 001: 0.16 of 1000). */
  timestep?: number;
  /** Which up-block's output, 0 = coarsest (DIFT on Stable Diffusion: 1). */
  upBlock?: number;
  /** Noise draws averaged per image (DIFT: 8). */
  ensemble?: number;
  seed: number;
  /** Images a pass, before the ensemble multiplies them. */
  batch?: number;
}

/** Feature maps [count, height, width, channels], row-major. */
export interface FeatureMaps {
  values: Float32Array;
  shape: readonly [count: number, height: number, width: number, channels: number];
}

/** One pass of the denoiser over each image at one timestep, the up-block's output averaged over noise draws. */
export async function diffusionFeatures(
  prior: LatentDiffusion,
  latents: Latents,
  ids: readonly string[],
  options: DiffusionFeatureOptions,
): Promise<FeatureMaps> {
  const { prompt, timestep = 160, upBlock = 1, ensemble = 8, seed, batch = 8, signal, onProgress } = options;
  const [count, height, width, channels] = latents.shape;
  const size = height * width * channels;
  const context = prior.encodePrompts([prompt]);
  let values = new Float32Array(0);
  let shape: FeatureMaps['shape'] = [count, 0, 0, 0];
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
        const text = tf.tile(context, [passes, 1, 1]);
        const map = prior.unet.features(noisy, at, text, [upBlock])[0]!;
        return tf.mean(tf.reshape(map, [images, ensemble, ...map.shape.slice(1)]), 1);
      });
      const [, h, w, c] = features.shape as [number, number, number, number];
      if (values.length === 0) {
        values = new Float32Array(count * h * w * c);
        shape = [count, h, w, c];
      }
      values.set(await features.data<'float32'>(), start * h * w * c);
      features.dispose();
      onProgress?.({ label: 'Diffusion features', done: start + images, total: count });
    }
  } finally {
    context.dispose();
  }
  return { values, shape };
}

/** A region in fractions of the image, each 0 … 1. */
export interface Region {
  top: number;
  left: number;
  bottom: number;
  right: number;
}

/**
 * The mean of an image's feature cells whose centres lie in a region (the nearest cell where none does), scaled to
 * unit length.
 */
export function pooledFeature(maps: FeatureMaps, image: number, region: Region): Float32Array {
  const [, height, width, channels] = maps.shape;
  const inside = (from: number, to: number, cells: number): [number, number] => {
    const first = Math.max(0, Math.ceil(from * cells - 0.5));
    const last = Math.min(cells, Math.ceil(to * cells - 0.5));
    if (last > first) return [first, last];
    const nearest = Math.min(cells - 1, Math.floor(((from + to) / 2) * cells));
    return [nearest, nearest + 1];
  };
  const [top, bottom] = inside(region.top, region.bottom, height);
  const [left, right] = inside(region.left, region.right, width);
  const feature = new Float32Array(channels);
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) {
      const cell = ((image * height + y) * width + x) * channels;
      for (let c = 0; c < channels; c++) feature[c]! += maps.values[cell + c]!;
    }
  }
  const norm = Math.hypot(...feature) || 1;
  return feature.map((value) => value / norm);
}
