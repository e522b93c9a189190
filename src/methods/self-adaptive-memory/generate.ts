/**
 * Draws images from a class-conditional prior, each identified by class and number: the costly part of a sampled set.
 */
import { type Pixels, tensorToImages } from '../../datasets';
import type { ClassConditionalDiffusion } from '../../diffusion';
import type { LongTask } from '../../engine';
import type { DitSamplingSettings } from './settings';

/** A wanted image. */
export interface WantedImage {
  /** The prior's number for its class. */
  classNumber: number;
  /** Which of the class's images, from 0. */
  k: number;
}

/**
 * One image per `wanted`, at the prior's size; each depends only on seed, class and number (and, by rounding, on its
 * batch).
 */
export async function generateImages(
  prior: ClassConditionalDiffusion,
  wanted: readonly WantedImage[],
  { seed, signal, ...settings }: DitSamplingSettings & Pick<LongTask, 'signal'>,
): Promise<Pixels[]> {
  const latents = await prior.sample({
    ...settings,
    classes: wanted.map(({ classNumber }) => classNumber),
    noise: { seed, items: wanted.map(({ classNumber, k }) => `class ${classNumber}, image ${k}`) },
    // DDPM uses OpenAI's respacing, as in DiT's sampling; DDIM uses the schedule's own spacing.
    ...(settings.sampler === 'ddpm' ? { spacing: 'linspace' as const } : {}),
    signal,
  });
  const decoded = prior.decodeLatents(latents);
  latents.dispose();
  const images = await tensorToImages(decoded);
  decoded.dispose();
  return images;
}
