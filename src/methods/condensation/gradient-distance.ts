/** Distance between the gradients of real and of learned images, layer by layer. */
import {
  lossAndGradients,
  type NamedGradients,
  recordedGradients,
  softmaxCrossEntropy,
  type Tensor,
  tf,
  twice,
} from '../../engine';
import { type ConvNet, twiceDifferentiableConvNet } from '../../models';

/**
 * 'by output': Σ over layers and their output channels of 1 − cosine (DC, DSA; its code's 'ours').
 * 'squared' and 'absolute': Σ (g − g′)² and Σ |g − g′| over all weights (IDC's 'mse' and 'l1').
 */
export type GradientDistance = 'by output' | 'squared' | 'absolute';

export interface MatchOptions {
  /** Class of all images. */
  label: number;
  classes: number;
  distance: GradientDistance;
  /** Weights to compare: 'convolutions' only (IDC), or also the classifier's (DC, DSA). Never biases or norms. */
  layers: 'all' | 'convolutions';
}

/**
 * Gradient of the cross entropy of one class's images with respect to the compared weights, as constants. The caller
 * disposes them.
 */
export function weightGradients(network: ConvNet, images: Tensor, { label, layers }: MatchOptions): NamedGradients {
  const labels = tf.fill([images.shape[0]!], label, 'int32');
  const { loss, gradients } = lossAndGradients(comparedWeights(network, layers), () =>
    softmaxCrossEntropy(network.forward(images), labels),
  );
  tf.dispose([loss, labels]);
  return gradients;
}

/**
 * Distance of the gradient of `images` from `wanted`: a scalar, differentiable with respect to the images. This needs
 * second derivatives of the network.
 */
export function gradientDistance(
  network: ConvNet,
  images: Tensor,
  { wanted, label, classes, distance, layers }: MatchOptions & { wanted: NamedGradients },
): Tensor {
  return tf.tidy(() => {
    const probabilities = tf.tile(tf.oneHot([label], classes).toFloat(), [images.shape[0]!, 1]);
    const gradients = recordedGradients(comparedWeights(network, layers), () =>
      twice.softmaxCrossEntropy(twiceDifferentiableConvNet(network, images), probabilities),
    );
    const distances = Object.entries(gradients).map(([name, gradient]) => {
      const real = wanted[name]!;
      if (distance === 'by output') return cosineDistances(gradient, real);
      const difference = tf.sub(gradient, real);
      return tf.sum(distance === 'squared' ? tf.square(difference) : tf.abs(difference));
    });
    return distances.reduce((sum, one) => tf.add(sum, one));
  });
}

/** Σ over outputs (the last axis) of 1 − a·b / (‖a‖ ‖b‖ + 10⁻⁶). */
function cosineDistances(a: Tensor, b: Tensor): Tensor {
  const columns = (x: Tensor): Tensor => tf.reshape(x, [-1, x.shape.at(-1)!]);
  // √ has no derivative at 0. With this tiny addend the gradient there is 0, as in PyTorch.
  const lengths = (x: Tensor): Tensor => tf.sqrt(tf.add(tf.sum(tf.square(x), 0), 1e-30));
  const [p, q] = [columns(a), columns(b)];
  const cosines = tf.div(tf.sum(tf.mul(p, q), 0), tf.add(tf.mul(lengths(p), lengths(q)), 1e-6));
  return tf.sum(tf.sub(1, cosines));
}

/** Weights of more than one axis, by name. */
function comparedWeights(network: ConvNet, layers: MatchOptions['layers']) {
  const least = layers === 'all' ? 2 : 4;
  return Object.fromEntries(Object.entries(network.variables()).filter(([, { shape }]) => shape.length >= least));
}
