/** Images drawn from a class-conditional prior, each known by its class and its number: the costly part of a sampled set. */
import { type Pixels, tensorToImages } from '../../datasets';
import type { ClassConditionalDiffusion } from '../../diffusion';
import type { LongTask } from '../../engine';
import type { DitSamplingSettings } from './settings';

/** An image that is wanted. */
export interface WantedImage {
  /** The prior's number of its class. */
  classNumber: number;
  /** Which of the class's images, from 0. */
  k: number;
}

/** One image per `wanted`, at the prior's size; each depends on seed, class and number, but for rounding not on the others. */
export async function generateImages(
  prior: ClassConditionalDiffusion,
  wanted: readonly WantedImage[],
  { seed, signal, ...settings }: DitSamplingSettings & Pick<LongTask, 'signal'>,
): Promise<Pixels[]> {
  const latents = await prior.sample({
    ...settings,
    classes: wanted.map(({ classNumber }) => classNumber),
    noise: { seed, items: wanted.map(({ classNumber, k }) => `class ${classNumber}, image ${k}`) },
    // OpenAI's respacing for DDPM, as DiT samples; DDIM goes by the schedule's own.
    ...(settings.sampler === 'ddpm' ? { spacing: 'linspace' as const } : {}),
    signal,
  });
  const decoded = prior.decodeLatents(latents);
  latents.dispose();
  const images = await tensorToImages(decoded);
  decoded.dispose();
  return images;
}
