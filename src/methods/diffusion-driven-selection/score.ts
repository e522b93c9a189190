/** Stage I's first half: how typical of the class the prior finds each part of an image (paper 001, equation 6). */
import { differentialLosses, type LatentDiffusion, type NoiseMap, noiseDraws } from '../../diffusion';
import type { LongTask } from '../../engine';
import type { DrawGroup } from './bands';
import type { EncodedImages } from './encode';
import { labelPrompt } from './prompts';
import type { ScoreSettings } from './settings';

/** Settings for scoring a group of draws; the range and the number of draws are the group's. */
export type GroupSettings = Pick<ScoreSettings, 'prompt' | 'nullPrompt' | 'noise' | 'noiseSeed' | 'precision'> &
  DrawGroup;

/** The mean loss map of each image over a group of draws, at the latent's size. */
export async function scoreImages(
  prior: LatentDiffusion,
  { latents, ids }: Pick<EncodedImages, 'latents' | 'ids'>,
  className: string,
  { range, first, draws, prompt, nullPrompt, noise, noiseSeed: seed, precision, ...task }: GroupSettings & LongTask,
): Promise<NoiseMap[]> {
  const { values, shape } = await differentialLosses(prior, latents, ids, {
    ...task,
    draws: noiseDraws({ range, first, draws, seed, trainTimesteps: prior.schedule.timesteps }),
    prompts: { label: labelPrompt(prompt, className), null: nullPrompt },
    noise,
    precision,
    seed,
  });
  const [, height, width] = shape;
  const size = height * width;
  return ids.map((_, i) => ({ values: values.slice(i * size, (i + 1) * size), height, width }));
}
