/**
 * The whole of paper 000, and Minimax diffusion: fine-tunes a copy of the prior on the images, then samples from it.
 */
import type { z } from 'zod';
import type { ImageDataset } from '../../datasets';
import type { DistilledSet } from '../distilled-set';
import { type FineTunePriorOptions, fineTunePrior } from './fine-tune-prior';
import { requireImagesToTuneOn } from './images-to-tune-on';
import { ditSampling } from './sampling';
import { type ditSamplingSettings, fineTuningSettings } from './settings';

export interface SelfAdaptiveMemoryOptions extends FineTunePriorOptions {
  imagesPerClass: number;
  /** Side of a distilled image, pixels. Default the prior's. */
  size?: number;
  sampling?: z.input<typeof ditSamplingSettings>;
}

/**
 * Minimax diffusion with self-adaptive memory (paper 000): a distilled set drawn from a prior that was fine-tuned to be
 * like the images and unlike what it generated before.
 * @throws {UnknownClassError} when the prior doesn't know a class; an Error when a class has no images, or all together
 *   fill no batch
 * @example const set = await selfAdaptiveMemory(dataset, { prior, imagesPerClass: 10 });
 */
export async function selfAdaptiveMemory(
  dataset: ImageDataset,
  { imagesPerClass, size, sampling = {}, ...options }: SelfAdaptiveMemoryOptions,
): Promise<DistilledSet> {
  const { signal, onProgress } = options;
  requireImagesToTuneOn(dataset, fineTuningSettings.parse(options.fineTuning ?? {}));
  const { prior, fineTuning } = await fineTunePrior(dataset, options);
  try {
    const method = fineTuning.settings.policy === 'fifo' ? 'Minimax' : 'self-adaptive memory';
    const asked = size === undefined ? {} : { size };
    const set = await ditSampling(dataset, {
      prior,
      imagesPerClass,
      method,
      ...asked,
      ...sampling,
      signal,
      onProgress,
    });
    return { ...set, settings: { fineTuning: fineTuning.settings, sampling: set.settings } };
  } finally {
    prior.transformer.dispose();
  }
}

/** Minimax diffusion (Gu et al. 2024): the same, with queues as memories. */
export function minimaxDiffusion(dataset: ImageDataset, options: SelfAdaptiveMemoryOptions): Promise<DistilledSet> {
  return selfAdaptiveMemory(dataset, { ...options, fineTuning: { ...options.fineTuning, policy: 'fifo' } });
}
