/** Diffusion features of whole images (DIFT; paper 001, section 3.2), to be averaged under each patch. */
import { diffusionFeatures, type FeatureGrid, type LatentDiffusion } from '../../diffusion';
import type { LongTask } from '../../engine';
import type { EncodedImages } from './encode';
import { labelPrompt } from './prompts';
import type { DiftSettings, ScoreSettings } from './settings';

/** One grid of features per image, of at most `grid` × `grid` cells. */
export function imageFeatureGrids(
  prior: LatentDiffusion,
  { latents, ids }: Pick<EncodedImages, 'latents' | 'ids'>,
  className: string,
  options: Omit<DiftSettings, 'kind'> & Pick<ScoreSettings, 'prompt' | 'noiseSeed'> & LongTask,
): Promise<FeatureGrid[]> {
  const { timestep, upBlock, ensemble, grid, prompt, noiseSeed: seed, ...task } = options;
  const last = prior.schedule.timesteps - 1;
  return diffusionFeatures(prior, latents, ids, {
    ...task,
    prompt: labelPrompt(prompt, className),
    timestep: Math.min(last, Math.round(timestep * prior.schedule.timesteps)),
    upBlock,
    ensemble,
    grid,
    seed,
  });
}
