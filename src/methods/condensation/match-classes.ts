/** One step of learned images toward the gradients of real ones, for some classes together. */
import { type Tensor, tf } from '../../engine';
import type { ConvNet } from '../../models';
import { gradientDistance, type MatchOptions, weightGradients } from './gradient-distance';
import type { LearnedImages } from './learned-images';
import { applyChanges, type Change } from './siamese';

/** What one class is matched with. */
export interface MatchedBatch {
  /** Real images of the class, [n,S,S,3], as their values are learned; freed. */
  real: Tensor;
  /** What happens to them and to the learned ones. */
  changes: readonly Change[];
}

export interface MatchClassesOptions extends Omit<MatchOptions, 'label'> {
  labels: readonly number[];
  draw(label: number): MatchedBatch;
  /** Values as they are learned → what augmentations and networks take. Default as they are. */
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
