/** Fine-tunes a copy of a prior on a dataset; all distilled sets with these settings are drawn from it. */
import type { z } from 'zod';
import type { ImageDataset } from '../../datasets';
import { type ClassConditionalDiffusion, encodeDataset } from '../../diffusion';
import type { LongTask } from '../../engine';
import type { TrainModuleOptions } from '../../models';
import { type FineTuning, minimaxFineTune } from './fine-tune';
import { fineTuningSettings } from './settings';

export interface FineTunePriorOptions extends LongTask, Pick<TrainModuleOptions, 'checkpoint'> {
  /** Not changed. */
  prior: ClassConditionalDiffusion;
  fineTuning?: z.input<typeof fineTuningSettings>;
}

/** A fine-tuned prior, and the record of its training. */
export interface FineTunedPrior {
  /** It has its own transformer, and shares the first prior's autoencoder. */
  prior: ClassConditionalDiffusion;
  fineTuning: FineTuning;
}

/**
 * Fine-tunes a copy of the prior on a dataset, independent of the settings of sampling. The caller frees it
 * (`prior.transformer.dispose()`).
 * @throws {UnknownClassError} when the prior doesn't know a class
 */
export async function fineTunePrior(
  dataset: ImageDataset,
  { prior: original, fineTuning: given = {}, checkpoint, signal, onProgress }: FineTunePriorOptions,
): Promise<FineTunedPrior> {
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
