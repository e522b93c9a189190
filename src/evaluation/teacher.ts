/** The labelling network: trained on the full training set, and tested before use. */
import { type LongTask, RandomStream, softmaxCrossEntropy, tf } from '../engine';
import { type TrainingReport, type TrainModuleOptions, trainModule } from '../models';
import { augment, type Augmentation } from './augment';
import type { LabelledImages, Normalisation, ResidentImages } from './images';
import { buildNetwork, type Classifier, type NetworkName } from './networks';
import { selfCheck } from './self-check';

export interface TeacherOptions extends LongTask, Pick<TrainModuleOptions, 'checkpoint' | 'precision'> {
  network: NetworkName;
  /** Epochs: passes over the training images. */
  epochs: number;
  /** Images per step. @default 100 */
  batch?: number;
  /** Peak rate of AdamW, after a warm-up and before a cosine decay. @default 0.001 */
  learningRate?: number;
  /** @default 0.01 */
  weightDecay?: number;
  /** Range of the random crops' area share. @default [0.35, 1] */
  cropScale?: readonly [number, number];
  /** Seed of the initial weights, the order and the crops. A student with the same seed shares none of them. */
  seed: number;
}

/** A labelling network, its accuracy on held-out images, and what its callers must know about its input. */
export interface Teacher {
  network: Classifier;
  name: NetworkName;
  /** Top-1 on the validation images, 0 … 1. */
  accuracy: number;
  /** Class names, in the order of its outputs. */
  classes: readonly string[];
  /** Side of its input images, pixels. */
  size: number;
  normalisation: Normalisation;
}

/** A teacher trained here. */
export interface TrainedTeacher extends Teacher {
  report: TrainingReport;
}

/**
 * Trains with AdamW, random crops and mirrors, cross-entropy.
 * @throws UnfitTeacherError when it ends near chance on the validation images: such a teacher must not label. Before the
 *   training when there is nothing to learn: fewer than two classes or images, or other classes than the validation's.
 */
export async function trainTeacher(
  train: ResidentImages,
  validation: LabelledImages,
  options: TeacherOptions,
): Promise<TrainedTeacher> {
  const { network: name, epochs, batch = 100, learningRate = 1e-3, cropScale = [0.35, 1], seed, ...task } = options;
  const { classes, size, normalisation, labels } = train;
  if (classes.length < 2 || labels.length < 2) {
    throw new Error(
      `Expected at least two classes and two images to train a teacher on, got ${classes.length} and ${labels.length} in '${train.name}'.`,
    );
  }
  const network = buildNetwork(name, { classes: classes.length, size, seed, role: 'teacher' });
  const augmentation: Augmentation = {
    shufflePatches: 1,
    crop: { scale: cropScale, ratio: [3 / 4, 4 / 3] },
    flip: true,
    colour: null,
  };
  const perEpoch = Math.max(1, Math.floor(labels.length / batch));
  try {
    const report = await trainModule(network, {
      label: `Teacher ${name}`,
      steps: epochs * perEpoch,
      learningRate,
      ...task,
      loss(step) {
        const [epoch, place] = [Math.floor(step / perEpoch), step % perEpoch];
        const order = new RandomStream(seed, 'teacher order', epoch).permutation(labels.length);
        const chosen = order.subarray(place * batch, (place + 1) * batch);
        const right = tf.tensor1d(
          chosen.map((i) => labels[i]!),
          'int32',
        );
        const random = new RandomStream(seed, 'teacher crops', step);
        const images = augment(train.take(chosen), augmentation, { random, normalisation });
        return softmaxCrossEntropy(network.forward(images), right);
      },
    });
    const teacher = { network, name, accuracy: Number.NaN, report, classes, size, normalisation };
    teacher.accuracy = await selfCheck(teacher, validation, { signal: task.signal });
    return teacher;
  } catch (error) {
    network.dispose();
    throw error;
  }
}
