/** One step that moves learned images toward the gradients of real ones, for several classes together. */
import { type Tensor, tf } from '../../engine';
import type { ConvNet } from '../../models';
import { gradientDistance, type MatchOptions, weightGradients } from './gradient-distance';
import type { LearnedImages } from './learned-images';
import { applyChanges, type Change } from './siamese';

/** What the learned images of one class are matched with. */
export interface MatchedBatch {
  /** Real images of the class, [n,S,S,3], on the scale of the learned ones; freed here. */
  real: Tensor;
  /** Augmentations for them and for the learned images. */
  changes: readonly Change[];
}

export interface MatchClassesOptions extends Omit<MatchOptions, 'label'> {
  labels: readonly number[];
  draw(label: number): MatchedBatch;
  /** From the scale of the learned values to that of augmentations and networks. Default: unchanged. */
  prepare?: (images: Tensor) => Tensor;
}

/** A step of SGD on the sum of the classes' distances. @returns the sum */
export function matchClasses(
  images: LearnedImages,
  network: ConvNet,
  { labels, draw, prepare = tf.clone<Tensor>, ...match }: MatchClassesOptions,
): number {
  const batches = labels.map((label) => {
    const { real, changes } = draw(label);
    const changed = tf.tidy(() => applyChanges(prepare(real), changes));
    const wanted = weightGradients(network, changed, { ...match, label });
    tf.dispose([real, changed]);
    return { changes, wanted };
  });
  const loss = images.step(labels, (synthetic, label) => {
    const { changes, wanted } = batches[labels.indexOf(label)]!;
    return gradientDistance(network, applyChanges(prepare(synthetic), changes), { ...match, label, wanted });
  });
  for (const { wanted } of batches) tf.dispose(wanted);
  return loss;
}
