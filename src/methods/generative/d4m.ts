/** D4M (Su et al., CVPR 2024): images drawn from prototypes of the class, which are k-means centres of its latents. */
import { z } from 'zod';
import type { ImageDataset } from '../../datasets';
import type { LatentDiffusion } from '../../diffusion';
import { type LongTask, tf } from '../../engine';
import type { DistilledSet } from '../distilled-set';
import { readSettings } from '../read-settings';
import { classLatents } from './class-latents';
import type { GenerativePrior, PromptSettings } from './conditioned-prior';
import { drawLatents } from './draw-latents';
import { generateSet } from './generate-set';
import { latentModes } from './modes';
import { generativeSettings } from './settings';

/** What determines D4M's set, apart from the prior. Defaults as in the released scripts, for Stable Diffusion v1.5. */
export const d4mSettings = generativeSettings.extend({
  /** Share of the schedule to which a prototype is noised, and share of the steps that run, (0 … 1]. */
  strength: z.number().positive().max(1).default(0.7),
  /** Classifier-free guidance. */
  guidance: z.number().min(0).default(8),
  /** DDIM steps from pure noise; the share `strength` of them runs. */
  steps: z.int().min(1).default(50),
});

export type D4mOptions = z.input<typeof d4mSettings> & LongTask & { prior: GenerativePrior };

/** The released prompts for an open vocabulary; a prior that names its classes gets the prompts it was trained with. */
export const d4mPrompts = ({ classes }: Pick<LatentDiffusion, 'classes'>): Partial<PromptSettings> =>
  classes ? {} : { prompt: '{}', nullPrompt: 'cartoon, anime, painting' };

/**
 * For each class: takes `imagesPerClass` k-means centres of its images' latents as prototypes, and draws a
 * class-conditional image from each (image to image, SDEdit).
 *
 * Simplified: k-means runs on all latents at once, the authors' MiniBatchKMeans on batches; images are cropped to their
 * centre square, not squeezed; DDIM replaces the pipeline's own sampler.
 * @throws {UnknownClassError} when the prior doesn't know a class; an Error when a class has too few images
 * @example const set = await d4m(dataset, { prior, imagesPerClass: 10 });
 */
export async function d4m(
  dataset: ImageDataset,
  { prior, signal, onProgress, ...given }: D4mOptions,
): Promise<DistilledSet> {
  const prompts = 'unet' in prior ? d4mPrompts(prior) : {};
  const read = readSettings(d4mSettings, { ...prompts, ...given }, 'D4M');
  const { imagesPerClass, size, batch, ...settings } = read;
  const { strength, seed, guidance, steps } = settings;
  const needs = imagesPerClass;
  const task = { method: 'D4M', prior, imagesPerClass, size, batch, needs, settings, signal, onProgress };
  return generateSet(dataset, task, async ({ prior: conditioned, className, positions }) => {
    const latents = await classLatents(conditioned, dataset, positions, { seed, signal });
    const prototypes = latentModes(latents, { count: imagesPerClass, seed });
    try {
      const drawing = { className, count: imagesPerClass, seed, batch, guidance, steps, signal };
      return await drawLatents(conditioned, drawing, (start, count) => ({
        from: { latents: tf.slice(prototypes, [start, 0, 0, 0], [count, -1, -1, -1]), strength },
      }));
    } finally {
      prototypes.dispose();
    }
  });
}
