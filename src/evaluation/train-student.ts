/** A fresh network trained on a distilled set by a protocol. */
import {
  distillationLoss,
  halfCosineRate,
  type LongTask,
  RandomStream,
  softTargetCrossEntropy,
  tf,
  withoutGradients,
} from '../engine';
import { trainModule } from '../models';
import { accuracy } from './accuracy';
import { cutMix, type Mixed, randomResizedCrop, shufflePatches } from './augment';
import type { LabelledImages } from './images';
import { buildNetwork, type Classifier, type NetworkName } from './networks';
import type { Protocol } from './protocols';

export interface StudentOptions extends LongTask {
  student: NetworkName;
  protocol: Protocol;
  /** Needed where the protocol's labels are soft. */
  teacher?: Classifier;
  imagesPerClass: number;
  /** Patches along an image's side: 2 for mosaics, 1 otherwise. Shuffled, and the smallest crop is one of them. */
  factor: number;
  seed: number;
}

/** One student's result. Accuracies 0 … 1. */
export interface StudentResult {
  /** After the last epoch. */
  last: number;
  /** Best of all evaluations: chosen on the test set, as the published tables do. */
  best: number;
  bestEpoch: number;
  epochs: number;
  steps: number;
  seconds: number;
}

/** Trains one student and evaluates it where the protocol says. */
export async function trainStudent(
  train: LabelledImages,
  test: LabelledImages,
  options: StudentOptions,
): Promise<StudentResult> {
  const { student, protocol, teacher, imagesPerClass, factor, seed, signal, onProgress } = options;
  const { classes, size, labels } = train;
  if (protocol.labels === 'soft' && !teacher)
    throw new Error(`Expected a teacher, as '${protocol.name}' has soft labels.`);
  const network = buildNetwork(student, { classes: classes.length, size, seed });
  const batch = protocol.batchSize(imagesPerClass, classes.length);
  const perEpoch = Math.max(1, Math.floor(labels.length / batch));
  const rate = halfCosineRate(protocol.learningRate(student), protocol.epochs, protocol.zeta);
  const oneHot = tf.tidy(() => tf.oneHot(tf.tensor1d(labels, 'int32'), classes.length).toFloat());
  teacher?.eval();
  const evaluations: { epoch: number; accuracy: number }[] = [];

  const batchOf = (step: number): Mixed & { chosen: Int32Array } => {
    const [epoch, place] = [Math.floor(step / perEpoch), step % perEpoch];
    const order = new RandomStream(seed, 'student order', epoch).permutation(labels.length);
    const chosen = order.subarray(place * batch, (place + 1) * batch);
    const stream = new RandomStream(seed, 'student augmentation', step);
    const images = shufflePatches(tf.gather(train.images, tf.tensor1d(chosen, 'int32')), factor, stream);
    const cropped = randomResizedCrop(images, stream, { scale: [1 / factor, 1] });
    if (protocol.cutMix) return { ...cutMix(cropped, stream), chosen };
    return { images: cropped, partner: Int32Array.from(chosen.keys()), own: 1, chosen };
  };

  try {
    const report = await trainModule(network, {
      label: `Student ${student}, seed ${seed}`,
      steps: protocol.epochs * perEpoch,
      learningRate: protocol.learningRate(student),
      schedule: (step) => rate(Math.floor(step / perEpoch)),
      weightDecay: protocol.weightDecay,
      signal,
      onProgress,
      loss(step) {
        const { images, partner, own, chosen } = batchOf(step);
        if (teacher && protocol.labels === 'soft') {
          const target = withoutGradients(() => teacher.forward(images));
          return distillationLoss(network.forward(images), target, { temperature: protocol.temperature });
        }
        const mine = tf.gather(oneHot, tf.tensor1d(chosen, 'int32'));
        const others = tf.gather(mine, tf.tensor1d(partner, 'int32'));
        return softTargetCrossEntropy(network.forward(images), tf.add(tf.mul(mine, own), tf.mul(others, 1 - own)));
      },
      async afterStep(done) {
        const epoch = done / perEpoch;
        if (!Number.isInteger(epoch) || !protocol.evaluates(epoch, protocol.epochs)) return;
        evaluations.push({ epoch, accuracy: await accuracy(network, test, { signal }) });
        network.train();
      },
    });
    const best = evaluations.reduce((a, b) => (b.accuracy > a.accuracy ? b : a));
    const last = evaluations.at(-1)!;
    return {
      last: last.accuracy,
      best: best.accuracy,
      bestEpoch: best.epoch,
      epochs: protocol.epochs,
      steps: report.steps,
      seconds: report.seconds,
    };
  } finally {
    oneHot.dispose();
    network.dispose();
  }
}
