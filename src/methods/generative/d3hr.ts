/** D³HR (Zhao et al., ICML 2025): representatives of the Gaussian that a class's latents become when DDIM is inverted. */
import { z } from 'zod';
import type { ImageDataset } from '../../datasets';
import { invert } from '../../diffusion';
import { type LongTask, type Tensor, tf } from '../../engine';
import type { DistilledSet } from '../distilled-set';
import { readSettings } from '../read-settings';
import { type ClassLatents, classLatents } from './class-latents';
import type { ConditionedPrior, GenerativePrior } from './conditioned-prior';
import { drawLatents } from './draw-latents';
import { generateSet } from './generate-set';
import { bestGroup, fitGaussian } from './group-sampling';
import { generativeSettings } from './settings';

/** What determines D³HR's set, apart from the prior. Defaults as in the released code, for DiT-XL/2. */
export const d3hrSettings = generativeSettings.extend({
  /** Steps that latents are inverted by, and sampled again by, of `steps`. */
  back: z.int().min(1).default(31),
  /** DDIM steps of the whole schedule. */
  steps: z.int().min(1).default(50),
  /** Classifier-free guidance, on the way there and back. */
  guidance: z.number().min(0).default(4),
  /** Random groups of `imagesPerClass` latents that the best is chosen of, m. */
  groups: z.int().min(1).default(100_000),
});

export type D3hrOptions = z.input<typeof d3hrSettings> & LongTask & { prior: GenerativePrior };

/**
 * Of each class: the latents of its images are inverted to a noisier timestep, a Gaussian with independent values is fitted
 * to them there, of `groups` groups of `imagesPerClass` draws the one whose mean, deviation and skewness are nearest to it
 * is kept, and DDIM leads it back.
 *
 * Two slips of the released code are left out: its inverted latents are sampled from one step too far up the schedule, and
 * it draws ten thousand times the groups that it says.
 * @throws {UnknownClassError} when the prior doesn't know a class; an Error when a class has fewer than two images
 * @example const set = await d3hr(dataset, { prior, imagesPerClass: 10, groups: 1000 });
 */
export async function d3hr(
  dataset: ImageDataset,
  { prior, signal, onProgress, ...given }: D3hrOptions,
): Promise<DistilledSet> {
  const { imagesPerClass, size, batch, ...settings } = readSettings(d3hrSettings, given, 'D3HR');
  const { back, steps, guidance, groups, seed } = settings;
  if (back > steps) throw new Error(`Expected 'back' of at most the ${steps} steps, got ${back}.`);
  const task = { method: 'D3HR', prior, imagesPerClass, size, batch, needs: 2, settings, signal, onProgress };
  return generateSet(dataset, task, async ({ prior: conditioned, className, positions }) => {
    const latents = await classLatents(conditioned, dataset, positions, { seed, signal });
    const noised = await invertedLatents(conditioned, latents, { className, batch, back, steps, guidance, signal });
    const wanted = { size: imagesPerClass, groups, seed, path: [className], signal };
    const { group } = await bestGroup(fitGaussian(noised), wanted);
    const drawing = {
      className,
      count: imagesPerClass,
      seed,
      batch,
      guidance,
      guidanceOn: 'all',
      steps,
      signal,
    } as const;
    return drawLatents(conditioned, drawing, (start, count) => ({
      start: { latents: asTensor(group.slice(start, start + count), latents.shape), steps: back },
    }));
  });
}

/** Latents of a class gone back to the noise, guided on all channels as released. */
export async function invertedLatents(
  prior: ConditionedPrior,
  { vectors, shape }: ClassLatents,
  options: { className: string; batch: number; back: number; steps: number; guidance: number } & LongTask,
): Promise<Float32Array[]> {
  const { className, batch, ...way } = options;
  const { denoiser, schedule } = prior;
  const inverted: Float32Array[] = [];
  for (let start = 0; start < vectors.length; start += batch) {
    const some = vectors.slice(start, start + batch);
    const clean = asTensor(some, shape);
    const conditions = prior.conditionsOf(className, some.length);
    try {
      const noised = await invert({ denoiser, schedule, guidanceOn: 'all', ...conditions, ...way, latents: clean });
      const values = noised.dataSync<'float32'>();
      noised.dispose();
      const size = values.length / some.length;
      for (const k of some.keys()) inverted.push(values.slice(k * size, (k + 1) * size));
    } finally {
      tf.dispose([clean, conditions]);
    }
  }
  return inverted;
}

function asTensor(vectors: readonly Float32Array[], shape: ClassLatents['shape']): Tensor {
  return tf.tidy(() => tf.stack(vectors.map((vector) => tf.tensor(vector, [...shape]))));
}
