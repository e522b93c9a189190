/**
 * A student's final distance from an expert, and its gradient through all steps with one step's activations in memory.
 */
import {
  breathe,
  lossAndGradients,
  type LongTask,
  recordedGradients,
  softTargetCrossEntropy,
  type Tensor,
  tf,
  twice,
  type Variable,
} from '../../engine';
import { type ConvNet, type TensorSource, twiceDifferentiableConvNet } from '../../models';
import { applyChanges, type Change } from '../condensation/siamese';

/** What a student sees in one step. */
export interface StudentStep {
  /** Positions of the images. */
  chosen: Int32Array;
  /** Their augmentations. */
  changes: readonly Change[];
}

export interface StudentCourse {
  /** All images, [N,S,S,3], normalised. */
  images: Variable;
  /** Their labels, probabilities [N,classes]. */
  labels: Variable;
  steps: readonly StudentStep[];
  /** Learning rate of plain SGD on the student. */
  rate: number;
  /** An expert's weights from which the student starts, and those it should reach. */
  start: TensorSource;
  target: TensorSource;
  /**
   * 'all': backpropagation through the unrolled steps, weights included (MTT). 'direct': the weights at which a step's
   * gradient is taken count as constants (TESLA's constant-memory gradient).
   */
  through: 'all' | 'direct';
}

/** The distance ‖θ_T − θ*‖² / ‖θ_0 − θ*‖² and its derivatives. */
export interface TrajectoryGradient {
  distance: number;
  /** [N,S,S,3] and [N,classes]. The caller disposes both. */
  images: Tensor;
  labels: Tensor;
  rate: number;
}

/**
 * Trains the network from `start`, then goes back over its steps. Let g_i be the student's gradient at its i-th
 * weights, and λ the derivative of the distance with respect to the weights after that step. The step adds −rate ∂(g_i
 * · λ) to the gradients of images and labels, and −g_i · λ to the rate's; with 'all', λ becomes λ − rate ∂(g_i ·
 * λ)/∂θ_i. The weights of each step are kept, its activations are recomputed.
 * @param network one with instance norm; it ends with the weights of `start`
 * @throws when start and target are equal
 */
export async function trajectoryGradient(
  network: ConvNet,
  { images, labels, steps, rate, start, target, through }: StudentCourse,
  { signal }: Pick<LongTask, 'signal'> = {},
): Promise<TrajectoryGradient> {
  const weights = network.variables();
  const held: Tensor[][] = [];
  const values = (): Tensor[] => {
    const now = Object.values(weights).map((variable) => tf.clone<Tensor>(variable));
    held.push(now);
    return now;
  };
  const put = (tensors: readonly Tensor[]): void => {
    for (const [k, variable] of Object.values(weights).entries()) variable.assign(tensors[k]!);
  };
  let gradients = tf.tidy(() => ({ images: tf.zerosLike(images), labels: tf.zerosLike(labels) }));
  const add = (step: Pick<TrajectoryGradient, 'images' | 'labels'>): void => {
    const before = gradients;
    gradients = tf.tidy(() => ({
      images: tf.sub(before.images, tf.mul(step.images, rate)),
      labels: tf.sub(before.labels, tf.mul(step.labels, rate)),
    }));
    tf.dispose([before.images, before.labels, step.images, step.labels]);
  };
  try {
    network.load(target);
    const wanted = values();
    network.load(start);
    const passed = [values()];
    for (const step of steps) {
      await breathe(signal);
      descend(network, studentGradients(network, { images, labels, step }), rate);
      passed.push(values());
    }
    const { distance, derivative } = distanceOf(passed, wanted);
    let slope = derivative;
    held.push(slope);
    let ofRate = 0;
    for (let i = steps.length - 1; i >= 0; i--) {
      await breathe(signal);
      put(passed[i]!);
      const along = derivativesAlong(network, { images, labels, step: steps[i]!, slope, through });
      ofRate -= along.value;
      add(along);
      if (through === 'direct') continue;
      slope = tf.tidy(() => slope.map((x, k) => tf.sub(x, tf.mul(along.weights[k]!, rate))));
      held.push(slope);
      tf.dispose(along.weights);
    }
    return { distance, ...gradients, rate: ofRate };
  } catch (error) {
    tf.dispose(gradients);
    throw error;
  } finally {
    tf.dispose(held);
  }
}

type StepData = Pick<StudentCourse, 'images' | 'labels'> & { step: StudentStep };

/** The student's input: augmented images, and their labels. */
function shown({ images, labels, step: { chosen, changes } }: StepData): { images: Tensor; labels: Tensor } {
  const positions = tf.tensor1d(chosen, 'int32');
  return {
    images: applyChanges(tf.gather<Tensor>(images, positions), changes),
    labels: tf.gather<Tensor>(labels, positions),
  };
}

/** Gradients of the cross entropy with respect to the network's weights. */
function studentGradients(network: ConvNet, data: StepData): Record<string, Tensor> {
  const batch = tf.tidy(() => shown(data));
  const { loss, gradients } = lossAndGradients(network.variables(), () =>
    softTargetCrossEntropy(network.forward(batch.images), batch.labels),
  );
  tf.dispose([loss, batch]);
  return gradients;
}

/** A step of plain SGD. Frees the gradients. */
function descend(network: ConvNet, gradients: Record<string, Tensor>, rate: number): void {
  tf.tidy(() => {
    for (const [name, variable] of Object.entries(network.variables()))
      variable.assign(tf.sub(variable, tf.mul(gradients[name]!, rate)));
  });
  tf.dispose(gradients);
}

/**
 * The distance of the final weights from the target, relative to the start's, and its derivative by the final weights.
 */
function distanceOf(
  passed: readonly Tensor[][],
  wanted: readonly Tensor[],
): { distance: number; derivative: Tensor[] } {
  const squared = (weights: readonly Tensor[]): number =>
    tf.tidy(() => tf.addN(weights.map((x, k) => tf.sum(tf.squaredDifference(x, wanted[k]!)))).dataSync()[0]!);
  const [first, last] = [passed[0]!, passed.at(-1)!];
  const whole = squared(first);
  if (whole === 0) throw new Error('Expected an expert that moves between start and target, but both are the same.');
  const derivative = tf.tidy(() => last.map((x, k) => tf.mul(tf.sub(x, wanted[k]!), 2 / whole)));
  return { distance: squared(last) / whole, derivative };
}

/** g · slope, where g is the student's gradient, and its derivatives; with respect to the weights only if asked for. */
function derivativesAlong(
  network: ConvNet,
  { slope, through, ...data }: StepData & { slope: readonly Tensor[] } & Pick<StudentCourse, 'through'>,
): { value: number; images: Tensor; labels: Tensor; weights: Tensor[] } {
  const weights = network.variables();
  const names = Object.keys(weights);
  const { images, labels } = data;
  const { loss, gradients } = lossAndGradients({ images, labels, ...(through === 'all' && weights) }, () => {
    const batch = shown(data);
    const inner = recordedGradients(weights, () =>
      twice.softmaxCrossEntropy(twiceDifferentiableConvNet(network, batch.images), batch.labels),
    );
    return names.map((name, k) => tf.sum(tf.mul(inner[name]!, slope[k]!))).reduce((sum, one) => tf.add(sum, one));
  });
  const value = loss.dataSync<'float32'>()[0]!;
  loss.dispose();
  const ofWeights = through === 'all' ? names.map((name) => gradients[name]!) : [];
  return { value, images: gradients.images!, labels: gradients.labels!, weights: ofWeights };
}
