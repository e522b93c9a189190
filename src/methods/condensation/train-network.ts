/** Training of the matching networks, between the updates of the images. */
import {
  lossAndGradients,
  type Optimiser,
  type RandomStream,
  softmaxCrossEntropy,
  type Tensor,
  tf,
} from '../../engine';
import type { ConvNet } from '../../models';
import { cutoutMask } from './siamese';

/** A step of the optimiser on the cross entropy. Frees the images and labels. @returns the loss */
export function trainStep(network: ConvNet, optimiser: Optimiser, batch: { images: Tensor; labels: Tensor }): number {
  return update(network, optimiser, batch, (logits) => softmaxCrossEntropy(logits, batch.labels));
}

/**
 * The same with CutMix (Yun et al. 2019): a box of every image is replaced by another image's, and the label in
 * proportion. λ is uniform; one box and one permutation serve the batch.
 */
export function cutMixStep(
  network: ConvNet,
  optimiser: Optimiser,
  { images, labels }: { images: Tensor; labels: Tensor },
  random: RandomStream,
): number {
  const [count, size] = images.shape as [number, number];
  const partners = tf.tensor1d(random.permutation(count), 'int32');
  const half = Math.floor(Math.floor(size * Math.sqrt(random.uniform())) / 2);
  const span = (centre: number): [number, number] => [Math.max(0, centre - half), Math.min(size, centre + half)];
  const [[top, bottom], [left, right]] = [span(random.integer(size)), span(random.integer(size))];
  const box = { top, left, height: bottom - top, width: right - left };
  const own = 1 - (box.height * box.width) / size ** 2;
  const mixed = tf.tidy(() => {
    const inBox = tf.sub(1, cutoutMask([box], size));
    const others = tf.mul(tf.sub(tf.gather(images, partners), images), inBox);
    return { images: tf.add(images, others), others: tf.gather(labels, partners) };
  });
  const loss = update(network, optimiser, { images: mixed.images, labels: mixed.others }, (logits) =>
    tf.add(
      tf.mul(softmaxCrossEntropy(logits, labels), own),
      tf.mul(softmaxCrossEntropy(logits, mixed.others), 1 - own),
    ),
  );
  tf.dispose([images, labels, partners]);
  return loss;
}

function update(
  network: ConvNet,
  optimiser: Optimiser,
  { images, labels }: { images: Tensor; labels: Tensor },
  lossOf: (logits: Tensor) => Tensor,
): number {
  const { loss, gradients } = lossAndGradients(network.variables(), () => lossOf(network.forward(images)));
  const value = loss.dataSync()[0]!;
  optimiser.apply(gradients);
  tf.dispose([loss, images, labels]);
  return value;
}
