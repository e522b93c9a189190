/** What a student sees in a step: a function of (seed, step) alone, whoever the student is. */
import { RandomStream, type Tensor, tf } from '../engine';
import { augment } from './augment';
import type { CellSettings } from './cell';
import { cutMix, drawCutMix } from './cutmix';
import type { ResidentImages } from './images';

/** A batch as a student sees it. */
export interface MixedBatch {
  images: Tensor;
  /** Of the image and of its CutMix partner, int32 [N]. */
  labels: Tensor;
  partnerLabels: Tensor;
  /** Share of the image's own pixels. */
  own: number;
}

/** The order comes from the epoch, the crops and mixes from the step. */
export function batchAt(
  train: ResidentImages,
  { batch, augmentation, cutMix: { alpha } }: CellSettings,
  { seed, step, perEpoch }: { seed: number; step: number; perEpoch: number },
): MixedBatch {
  const { labels, size, normalisation } = train;
  const [epoch, place] = [Math.floor(step / perEpoch), step % perEpoch];
  const order = new RandomStream(seed, 'student order', epoch).permutation(labels.length);
  const chosen = order.subarray(place * batch, (place + 1) * batch);
  const random = new RandomStream(seed, 'student augmentation', step);
  const augmented = augment(train.take(chosen), augmentation, { random, normalisation });
  const draw = drawCutMix(random.child('cutmix'), { count: chosen.length, size, alpha });
  const own = tf.tensor1d(
    chosen.map((i) => labels[i]!),
    'int32',
  );
  return {
    images: cutMix(augmented, draw),
    labels: own,
    partnerLabels: tf.gather(own, tf.tensor1d(draw.partners, 'int32')),
    own: draw.own,
  };
}
