/** The whole of paper 000, and Minimax diffusion: fine-tune a copy of the prior on the images, then draw from it. */
import type { z } from 'zod';
import type { ImageDataset } from '../../datasets';
import { type ClassConditionalDiffusion, encodeDataset } from '../../diffusion';
import type { LongTask } from '../../engine';
import type { TrainModuleOptions } from '../../models';
import type { DistilledSet } from '../distilled-set';
import { type FineTuning, minimaxFineTune } from './fine-tune';
import { ditSampling } from './sampling';
import { type ditSamplingSettings, fineTuningSettings } from './settings';

export interface SelfAdaptiveMemoryOptions extends LongTask, Pick<TrainModuleOptions, 'checkpoint'> {
  /** Is left as it is. */
  prior: ClassConditionalDiffusion;
  imagesPerClass: number;
  /** Side of a distilled image, pixels. Default the prior's. */
  size?: number;
  fineTuning?: z.input<typeof fineTuningSettings>;
  sampling?: z.input<typeof ditSamplingSettings>;
}

/** A fine-tuned prior, with what its training did. */
export interface FineTunedPrior {
  /** Its transformer is its own, the autoencoder is the first prior's. */
  prior: ClassConditionalDiffusion;
  fineTuning: FineTuning;
}

/** A copy of the prior, fine-tuned on a dataset: the stage that settings of sampling share. */
export async function fineTunePrior(
  dataset: ImageDataset,
  options: Omit<SelfAdaptiveMemoryOptions, 'imagesPerClass' | 'size' | 'sampling'>,
): Promise<FineTunedPrior> {
  const { prior: original, fineTuning: given = {}, checkpoint, signal, onProgress } = options;
  const settings = fineTuningSettings.parse(given);
  const classes = original.classesOf(dataset.classes);
  const { mirror } = settings;
  const latents = await encodeDataset(original.vae, dataset, { mirror, size: original.imageSize, signal, onProgress });
  const prior = await original.withOwnTransformer();
  try {
    const { transformer, schedule } = prior;
    const task = { schedule, classes, checkpoint, signal, onProgress };
    return { prior, fineTuning: await minimaxFineTune(transformer, latents, { ...settings, ...task }) };
  } catch (error) {
    prior.transformer.dispose();
    throw error;
  }
}

/**
 * Minimax diffusion with self-adaptive memory (paper 000): a distilled set drawn from a prior that was fine-tuned to be
 * like the images and unlike what it generated before.
 * @throws {UnknownClassError} when the prior doesn't know a class
 * @example const set = await selfAdaptiveMemory(dataset, { prior, imagesPerClass: 10 });
 */
export async function selfAdaptiveMemory(
  dataset: ImageDataset,
  { imagesPerClass, size, sampling = {}, ...options }: SelfAdaptiveMemoryOptions,
): Promise<DistilledSet> {
  const { signal, onProgress } = options;
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
