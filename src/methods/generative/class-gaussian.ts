/** D³HR's Gaussian of a class: fitted to the latents of its images after DDIM inversion to a noisier timestep. */
import { z } from 'zod';
import type { ImageDataset } from '../../datasets';
import { invert } from '../../diffusion';
import { breathe, type LongTask, type Tensor, tf } from '../../engine';
import { imagesByClass } from '../compose';
import { readSettings } from '../read-settings';
import { type ClassLatents, classLatents } from './class-latents';
import { type ConditionedPrior, conditionedPrior, type GenerativePrior } from './conditioned-prior';
import { type DiagonalGaussian, fitGaussian } from './group-sampling';
import { generativeSettings } from './settings';

/** What determines a class's Gaussian, apart from the prior and the class's images. Defaults as in the released code. */
export const classGaussianSettings = generativeSettings
  .pick({ prompt: true, nullPrompt: true, precision: true, batch: true })
  .extend({
    /** How many of the `steps` latents are inverted by, and sampled again by. */
    back: z.int().min(1).default(31),
    /** DDIM steps of the whole schedule. */
    steps: z.int().min(1).default(50),
    /** Classifier-free guidance, for inversion and sampling. */
    guidance: z.number().min(0).default(4),
    /**
     * Seed of the latents' draws from the autoencoder's posterior. Its own, so that sets of all seeds share the Gaussian.
     */
    latentSeed: z.int().default(0),
  });

export type ClassGaussianOptions = z.input<typeof classGaussianSettings> &
  LongTask & {
    prior: GenerativePrior;
    /** The class's number in the dataset. */
    label: number;
  };

/**
 * Inverts the latents of all images of a class by `back` of `steps` DDIM steps, and fits a diagonal Gaussian to them.
 * This takes far longer than drawing images from it, and depends on none of their seeds.
 * @throws {UnknownClassError} when the prior doesn't know a class; an Error when a class has fewer than two images
 */
export async function classGaussian(
  dataset: ImageDataset,
  { prior: given, label, signal, onProgress, ...options }: ClassGaussianOptions,
): Promise<DiagonalGaussian> {
  const { latentSeed, back, steps, guidance, batch, ...conditioning } = readSettings(
    classGaussianSettings,
    options,
    'D3HR',
  );
  if (back > steps) throw new Error(`Expected 'back' of at most the ${steps} steps, got ${back}.`);
  const prior = conditionedPrior(given, dataset.classes, conditioning);
  const className = dataset.classes[label]!;
  const positions = imagesByClass(dataset)[label]!;
  const latents = await classLatents(prior, dataset, positions, { seed: latentSeed, signal });
  const way = { className, batch, back, steps, guidance, signal, onProgress };
  return fitGaussian(await invertedLatents(prior, latents, way));
}

/** Latents of a class after DDIM inversion, guided on all channels as released. */
export async function invertedLatents(
  prior: ConditionedPrior,
  { vectors, shape }: ClassLatents,
  options: { className: string; batch: number; back: number; steps: number; guidance: number } & LongTask,
): Promise<Float32Array[]> {
  const { className, batch, onProgress, ...way } = options;
  const { denoiser, schedule } = prior;
  const inverted: Float32Array[] = [];
  for (let start = 0; start < vectors.length; start += batch) {
    await breathe(options.signal);
    const some = vectors.slice(start, start + batch);
    const clean = asTensor(some, shape);
    const conditions = prior.conditionsOf(className, some.length);
    try {
      const noised = await invert({ denoiser, schedule, guidanceOn: 'all', ...conditions, ...way, latents: clean });
      const values = noised.dataSync<'float32'>();
      noised.dispose();
      const size = values.length / some.length;
      for (const k of some.keys()) inverted.push(values.slice(k * size, (k + 1) * size));
      onProgress?.({ label: `Inverting: ${className}`, done: inverted.length, total: vectors.length });
    } finally {
      tf.dispose([clean, conditions]);
    }
  }
  return inverted;
}

/** Latents [vectors,H,W,C]. */
export function asTensor(vectors: readonly Float32Array[], shape: ClassLatents['shape']): Tensor {
  return tf.tidy(() => tf.stack(vectors.map((vector) => tf.tensor(vector, [...shape]))));
}
