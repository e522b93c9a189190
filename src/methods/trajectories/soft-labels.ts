/** Labels that say something of every class: probabilities of classes and of experts, and logits that stay with a set. */
import { type Tensor, tf } from '../../engine';
import type { ConvNet, TensorSource } from '../../models';
import type { LearnedImages } from '../condensation/learned-images';
import type { DistilledSet } from '../distilled-set';

/** 1 for the class of each image, in label order: [classes · imagesPerClass, classes]. */
export const classProbabilities = (classes: number, imagesPerClass: number): Tensor =>
  tf.tidy(() => {
    const labels = Array.from({ length: classes * imagesPerClass }, (_, image) => Math.floor(image / imagesPerClass));
    return tf.cast(tf.oneHot(tf.tensor1d(labels, 'int32'), classes), 'float32');
  });

/** What a network of these weights says of the learned images, logits [images,classes]. */
export function logitsOf(network: ConvNet, weights: TensorSource, { images }: Pick<LearnedImages, 'images'>): Tensor {
  network.load(weights);
  return network.forward(images);
}

/** The set with logits [images,classes] as the labels of its images; they are freed. */
export async function withLogits(set: DistilledSet, logits: Tensor): Promise<DistilledSet> {
  const rows = (await logits.array()) as number[][];
  logits.dispose();
  return { ...set, images: set.images.map((image, k) => ({ ...image, logits: rows[k]! })) };
}

/** The gradient by logits from one by their softmax: p (g − Σ p g), row by row. Frees the latter. */
export function throughSoftmax(logits: Tensor, gradient: Tensor): Tensor {
  const result = tf.tidy(() => {
    const p = tf.softmax(logits);
    return tf.mul(p, tf.sub(gradient, tf.sum(tf.mul(p, gradient), -1, true)));
  });
  gradient.dispose();
  return result;
}
