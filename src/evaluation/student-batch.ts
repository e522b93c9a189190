/** The batch of a training step: a function of (seed, step) alone, the same for every student. */
import { RandomStream, type Tensor, tf } from '../engine';
import { augment } from './augment';
import type { CellSettings } from './cell';
import { type CutMixDraw, cutMix, drawCutMix } from './cutmix';
import type { ResidentImages } from './images';

/** A batch as a student sees it. */
export interface MixedBatch {
  images: Tensor;
  /** Labels of the image and of its CutMix partner, int32 [N]. */
  labels: Tensor;
  partnerLabels: Tensor;
  /** Share of the image's own pixels. */
  own: number;
}

/** Which images a step shows, and their random draws. */
export interface BatchDraws {
  /** Positions in the set. */
  chosen: Int32Array;
  /** Random stream of the crops. */
  random: RandomStream;
  mix: CutMixDraw;
}

/** Position of a step in a student's training. */
export interface StepPlace {
  seed: number;
  step: number;
  perEpoch: number;
}

/** The order comes from the epoch, the crops and mixes from the step. @param count images in the set */
export function drawsAt(
  { seed, step, perEpoch }: StepPlace,
  { count, size, batch, cutMix: { alpha } }: { count: number; size: number } & Pick<CellSettings, 'batch' | 'cutMix'>,
): BatchDraws {
  const [epoch, place] = [Math.floor(step / perEpoch), step % perEpoch];
  const order = new RandomStream(seed, 'student order', epoch).permutation(count);
  const chosen = order.subarray(place * batch, (place + 1) * batch);
  const random = new RandomStream(seed, 'student augmentation', step);
  return { chosen, random, mix: drawCutMix(random.child('cutmix'), { count: chosen.length, size, alpha }) };
}

/** The images of a step, cropped and mixed. */
export function batchAt(
  train: ResidentImages,
  { batch, augmentation, cutMix: mixing }: CellSettings,
  place: StepPlace,
): MixedBatch {
  const { labels, size, normalisation } = train;
  const { chosen, random, mix } = drawsAt(place, { count: labels.length, size, batch, cutMix: mixing });
  const augmented = augment(train.take(chosen), augmentation, { random, normalisation });
  const own = tf.tensor1d(
    chosen.map((i) => labels[i]!),
    'int32',
  );
  return {
    images: cutMix(augmented, mix),
    labels: own,
    partnerLabels: tf.gather(own, tf.tensor1d(mix.partners, 'int32')),
    own: mix.own,
  };
}
