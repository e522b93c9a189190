/**
 * IGD's influence (Chen et al. 2025, section 4.1): how well an image trains a surrogate in the direction of the real
 * images.
 */
import {
  type LongTask,
  breathe,
  lossAndGradients,
  type NamedGradients,
  softmaxCrossEntropy,
  type Tensor,
  tf,
} from '../../../engine';
import type { Module } from '../../../models';

/** A classifier at some point of its training, in evaluation mode. It takes images [N,S,S,3] in -1 … 1. */
export type Surrogate = Pick<Module, 'variables'> & { forward(images: Tensor): Tensor };

/** A surrogate, and the gradient of a class's real images in it, by name of the weight. */
export interface Checkpoint {
  surrogate: Surrogate;
  gradient: NamedGradients;
}

/** Added to the cosine's denominator, as released. */
const TINY = 1e-6;

/** Length of the step along the weights in the central differences. */
const STEP = 0.01;

const crossEntropy = (surrogate: Surrogate, images: Tensor, label: number): Tensor =>
  softmaxCrossEntropy(surrogate.forward(images), tf.fill([images.shape[0]!], label, 'int32') as never);

/** ∇ of the mean cross entropy with respect to the weights. The caller's to dispose. */
export function weightGradient(surrogate: Surrogate, images: Tensor, label: number): NamedGradients {
  const { loss, gradients } = lossAndGradients(surrogate.variables(), () => crossEntropy(surrogate, images, label));
  loss.dispose();
  return gradients;
}

/** The mean of weightGradient over batches of images, each of equal weight. The caller's to dispose. */
export async function meanWeightGradient(
  surrogate: Surrogate,
  batches: readonly Tensor[],
  label: number,
  { signal }: Pick<LongTask, 'signal'> = {},
): Promise<NamedGradients> {
  let sum: NamedGradients = {};
  for (const batch of batches) {
    await breathe(signal);
    const one = weightGradient(surrogate, batch, label);
    const before = sum;
    sum = tf.tidy(() =>
      Object.fromEntries(
        Object.entries(one).map(([name, value]) => {
          const share = tf.div(value, batches.length);
          return [name, before[name] ? tf.add(before[name], share) : share];
        }),
      ),
    );
    tf.dispose([one, before]);
  }
  return sum;
}

/** Cosine of two gradients, each as one vector over all weights. */
export function gradientCosine(a: NamedGradients, b: NamedGradients): number {
  const [product, lengthA, lengthB] = [inner(a, b), Math.sqrt(inner(a, a)), Math.sqrt(inner(b, b))];
  return product / (lengthA * lengthB + TINY);
}

/**
 * L = mean over checkpoints of 1 - cos(∇_θ ℓ(image), real gradient), and ∇L with respect to the image.
 *
 * With g = ∇_θ ℓ and v = ∂L/∂g, ∇L is the derivative of ∇_image ℓ along v in the weights: the central difference of two
 * ordinary gradients, so that any network will do. Its error is that of a step of length 0.01 in the weights.
 * @param image [1,S,S,3] in -1 … 1
 * @returns the gradient [1,S,S,3], the caller's to dispose
 */
export function influenceOf(
  checkpoints: readonly Checkpoint[],
  image: Tensor,
  label: number,
): { loss: number; gradient: Tensor } {
  let loss = 0;
  const parts = checkpoints.map(({ surrogate, gradient: real }) => {
    const own = weightGradient(surrogate, image, label);
    loss += (1 - gradientCosine(own, real)) / checkpoints.length;
    const direction = cosineSlope(own, real);
    const length = Math.sqrt(inner(direction, direction));
    // Where the two gradients already agree, ∇L is 0.
    const part = length === 0 ? tf.zerosLike(image) : alongWeights(surrogate, direction, length, image, label);
    tf.dispose([own, direction]);
    return part;
  });
  const gradient = tf.tidy(() => tf.div(tf.addN(parts), checkpoints.length));
  tf.dispose(parts);
  return { loss, gradient };
}

/** ∂(1 - cos(g, r))/∂g by weight: cos · g / |g|² - r / (|g||r|). */
function cosineSlope(g: NamedGradients, r: NamedGradients): NamedGradients {
  const [product, lengthG, lengthR] = [inner(g, r), Math.sqrt(inner(g, g)), Math.sqrt(inner(r, r))];
  if (lengthG === 0) return Object.fromEntries(Object.entries(g).map(([name, value]) => [name, tf.zerosLike(value)]));
  const whole = lengthG * lengthR + TINY;
  return tf.tidy(() =>
    Object.fromEntries(
      Object.entries(g).map(([name, value]) => [
        name,
        tf.sub(tf.mul(value, (product * lengthR) / (lengthG * whole ** 2)), tf.div(r[name]!, whole)),
      ]),
    ),
  );
}

/** d/ds ∇_image ℓ at the weights θ + s · direction, s = 0. The weights are restored bit for bit. */
function alongWeights(
  surrogate: Surrogate,
  direction: NamedGradients,
  length: number,
  image: Tensor,
  label: number,
): Tensor {
  const variables = surrogate.variables();
  const before = Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, tf.clone(value)]));
  const shifted = (step: number): Tensor => {
    tf.tidy(() => {
      for (const [name, value] of Object.entries(variables)) {
        value.assign(tf.add(before[name]!, tf.mul(direction[name]!, step)) as never);
      }
    });
    return imageGradient(surrogate, image, label);
  };
  const step = STEP / length;
  try {
    const [ahead, behind] = [shifted(step), shifted(-step)];
    const slope = tf.tidy(() => tf.div(tf.sub(ahead, behind), 2 * step));
    tf.dispose([ahead, behind]);
    return slope;
  } finally {
    for (const [name, value] of Object.entries(variables)) value.assign(before[name]! as never);
    tf.dispose(before);
  }
}

function imageGradient(surrogate: Surrogate, image: Tensor, label: number): Tensor {
  const variable = tf.variable(image);
  try {
    const { loss, gradients } = lossAndGradients({ image: variable }, () => crossEntropy(surrogate, variable, label));
    loss.dispose();
    return gradients.image!;
  } finally {
    variable.dispose();
  }
}

const inner = (a: NamedGradients, b: NamedGradients): number =>
  tf.tidy(() => tf.addN(Object.entries(a).map(([name, value]) => tf.sum(tf.mul(value, b[name]!)))).dataSync()[0]!);
