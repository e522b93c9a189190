/** Soft labels: probabilities from classes or from experts, and logits stored with a set. */
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

/** Logits [images,classes] of a network with these weights for the learned images. */
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

/** Turns a gradient g with respect to softmax outputs p into one for the logits: p (g − Σ p g) per row. Frees g. */
export function throughSoftmax(logits: Tensor, gradient: Tensor): Tensor {
  const result = tf.tidy(() => {
    const p = tf.softmax(logits);
    return tf.mul(p, tf.sub(gradient, tf.sum(tf.mul(p, gradient), -1, true)));
  });
  gradient.dispose();
  return result;
}
