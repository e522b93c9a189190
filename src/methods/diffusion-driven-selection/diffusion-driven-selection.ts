/** Diffusion-driven selection as one call (paper 001). */
import type { ImageDataset } from '../../datasets';
import type { LatentDiffusion } from '../../diffusion';
import type { LongTask } from '../../engine';
import type { DistilledSet } from '../distilled-set';
import { type GivenSettings, settingsFor } from './defaults';
import { distil } from './distil';
import { type DistillationPlan, planDistillation } from './plan';

/**
 * All settings, each with its default: `timestepRange`, `draws`, `prompt`, `nullPrompt`, `features` (`timestep`,
 * `upBlock`, `ensemble` …), `patchSize`, `candidatesPerImage`, `clusters`, `topClusters`, `factor`, `size`, `noise`,
 * `noiseSeed`, `clusteringSeed`. @see settingsFor
 */
export interface DiffusionDrivenSelectionOptions extends GivenSettings, LongTask {
  /** Stable Diffusion or a prior that was trained on the dataset's classes. @see loadPrior @see trainPriorOn */
  prior: LatentDiffusion;
  /** Receives the cost before the work begins; measuring it takes a few passes. Default: no plan is made. */
  onPlan?: ((plan: DistillationPlan) => void) | undefined;
}

/**
 * Distils a dataset to diverse patches that a diffusion prior finds most typical of their class: scores by equation 6,
 * non-overlapping patches by equation 7, clusters of their diffusion features, the IPC rule of appendix B.1. Defaults
 * are the paper's for Stable Diffusion (open the dataset at 256 pixels), and others for the small priors trained here.
 * Progress counts passes through the prior and estimates the time left. Only one class is in memory at a time.
 * @param dataset images of every class; its class names go into the prompts
 * @returns `imagesPerClass` images of each class, [size, size, 3] in 0 … 255, each with its sources and their scores
 * @example
 * const set = await diffusionDrivenSelection(photos, { prior, imagesPerClass: 10, onProgress: showProgress('Distilling') });
 * @throws {UnknownClassError} when the prior doesn't know a class
 * @throws {TooFewImagesError} when a class can't fill its images, before anything is scored
 * @throws naming settings that are unknown or out of range, or an image that can't be read or scored; an AbortError when
 *   stopped
 */
export async function diffusionDrivenSelection(
  dataset: ImageDataset,
  { prior, onPlan, signal, onProgress, ...given }: DiffusionDrivenSelectionOptions,
): Promise<DistilledSet> {
  const settings = settingsFor(prior, dataset, given);
  onPlan?.(await planDistillation(prior, dataset, settings, { signal }));
  const { set } = await distil(prior, dataset, settings, { signal, onProgress });
  return { ...set, settings: { prior: prior.name, ...set.settings } };
}
