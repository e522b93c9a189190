/** The network that labels: trained on the full training set, checked before it is trusted. */
import { type LongTask, RandomStream, softmaxCrossEntropy, tf } from '../engine';
import { type TrainingReport, type TrainModuleOptions, trainModule } from '../models';
import { accuracy } from './accuracy';
import { randomResizedCrop } from './augment';
import type { LabelledImages } from './images';
import { buildNetwork, type Classifier, type NetworkName } from './networks';

export interface TeacherOptions extends LongTask, Pick<TrainModuleOptions, 'checkpoint'> {
  network: NetworkName;
  epochs: number;
  batch?: number;
  learningRate?: number;
  /** Area share of the random crops, from and to. */
  cropScale?: readonly [number, number];
  seed: number;
}

/** A trained teacher and what it reaches on the images it was not trained on. */
export interface Teacher {
  network: Classifier;
  name: NetworkName;
  /** Top-1 on the validation images, 0 … 1. */
  accuracy: number;
  report: TrainingReport;
}

/**
 * Trains with AdamW, random crops and mirrors, cross-entropy.
 * @throws when it ends near chance on the validation images: such a teacher must not label.
 */
export async function trainTeacher(
  train: LabelledImages,
  validation: LabelledImages,
  options: TeacherOptions,
): Promise<Teacher> {
  const { network: name, epochs, batch = 100, learningRate = 1e-3, cropScale = [0.35, 1], seed, ...task } = options;
  const network = buildNetwork(name, { classes: train.classes.length, size: train.size, seed });
  const perEpoch = Math.floor(train.labels.length / batch);
  const report = await trainModule(network, {
    label: `Teacher ${name}`,
    steps: epochs * perEpoch,
    learningRate,
    ...task,
    loss(step) {
      const [epoch, place] = [Math.floor(step / perEpoch), step % perEpoch];
      const order = new RandomStream(seed, 'teacher order', epoch).permutation(train.labels.length);
      const chosen = order.subarray(place * batch, (place + 1) * batch);
      const images = tf.gather(train.images, tf.tensor1d(chosen, 'int32'));
      const labels = tf.tensor1d(
        chosen.map((i) => train.labels[i]!),
        'int32',
      );
      const cropped = randomResizedCrop(images, new RandomStream(seed, 'teacher crops', step), { scale: cropScale });
      return softmaxCrossEntropy(network.forward(cropped), labels);
    },
  });
  const reached = await accuracy(network, validation, task);
  checkTeacher(reached, train.classes.length);
  return { network, name, accuracy: reached, report };
}

/**
 * Refuses a teacher near chance.
 * @throws with the usual cause: its classes are not in the dataset's order.
 */
export function checkTeacher(reached: number, classes: number): void {
  if (reached >= 2 / classes || (classes === 2 && reached > 0.6)) return;
  throw new Error(
    `Expected the teacher to be well above chance (${(100 / classes).toFixed(1)} %) on validation images, it reaches ${(100 * reached).toFixed(1)} %. It labels nothing. Check that its classes are in the dataset's order and that it sees images of the size and normalisation it was trained on.`,
  );
}
