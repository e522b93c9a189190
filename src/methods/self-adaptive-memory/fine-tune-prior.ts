/** A prior's copy, fine-tuned on a dataset: what all distilled sets of these settings are drawn from. */
import type { z } from 'zod';
import type { ImageDataset } from '../../datasets';
import { type ClassConditionalDiffusion, encodeDataset } from '../../diffusion';
import type { LongTask } from '../../engine';
import type { TrainModuleOptions } from '../../models';
import { type FineTuning, minimaxFineTune } from './fine-tune';
import { fineTuningSettings } from './settings';

export interface FineTunePriorOptions extends LongTask, Pick<TrainModuleOptions, 'checkpoint'> {
  /** Is left as it is. */
  prior: ClassConditionalDiffusion;
  fineTuning?: z.input<typeof fineTuningSettings>;
}

/** A fine-tuned prior, with what its training did. */
export interface FineTunedPrior {
  /** Its transformer is its own, the autoencoder is the first prior's. */
  prior: ClassConditionalDiffusion;
  fineTuning: FineTuning;
}

/**
 * Fine-tunes a copy of the prior on a dataset: the part that settings of sampling share. The caller's to free
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
