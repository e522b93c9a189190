/** The images and noise of a fine-tuning step, as a function of seed and step alone. */
import { type ImageLatents, type LatentBatch, latentBatch, type NoiseSchedule } from '../../diffusion';
import { RandomStream } from '../../engine';
import type { FineTuningSettings } from './settings';

export interface DrawOptions extends Pick<FineTuningSettings, 'batch' | 'seed' | 'mirror' | 'classDropout'> {
  schedule: NoiseSchedule;
  /** The prior's class number for each label. Default: the label itself. */
  classes?: readonly number[] | undefined;
  nullClass: number;
}

/** Steps per epoch; a last, incomplete batch is dropped. @throws when the images fill no batch */
export function stepsPerEpoch({ shape: [count] }: Pick<ImageLatents, 'shape'>, batch: number): number {
  const steps = Math.floor(count / batch);
  if (!(steps >= 1)) throw new Error(`Expected a batch of 1 … ${count} images (the dataset's), got ${batch}.`);
  return steps;
}

/** The batch of a step. Each epoch shuffles the images anew. */
export function drawBatch(latents: ImageLatents, step: number, options: DrawOptions): LatentBatch {
  const { batch, seed, mirror, classes, ...rest } = options;
  const length = stepsPerEpoch(latents, batch);
  const [epoch, place] = [Math.floor(step / length), step % length];
  const order = new RandomStream(seed, 'fine-tuning', 'epoch', epoch).permutation(latents.shape[0]);
  return latentBatch(
    mirror ? latents : { ...latents, mirrored: undefined },
    order.slice(place * batch, (place + 1) * batch),
    new RandomStream(seed, 'fine-tuning', 'step', step),
    { ...rest, classOf: (label) => (classes ? classes[label]! : label) },
  );
}
