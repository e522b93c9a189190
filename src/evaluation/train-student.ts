/** A fresh network trained on a distilled set by a protocol. */
import {
  distillationLoss,
  type LongTask,
  RandomStream,
  Sgd,
  softmaxCrossEntropy,
  type Tensor,
  tf,
  withoutGradients,
} from '../engine';
import { trainModule } from '../models';
import { accuracy } from './accuracy';
import { augment } from './augment';
import { cutMix, drawCutMix } from './cutmix';
import type { LabelledImages } from './images';
import { buildNetwork, type Classifier, type NetworkName } from './networks';
import { type CellSettings, cellSettings, isTested, type Protocol } from './protocols';

export interface StudentOptions extends LongTask {
  student: NetworkName;
  protocol: Protocol;
  /** Needed where the protocol's labels are soft. */
  teacher?: Classifier;
  /** Answers of the teacher that are kept, by epoch from 0: it isn't asked then. @see teacherAnswers */
  answers?: (epoch: number) => Float32Array;
  imagesPerClass: number;
  /** Patches along an image's side: 2 for mosaics, 1 otherwise. Shuffled, and the smallest crop is one of them. */
  factor: number;
  /** Of the initial weights and of every order, crop and mix. */
  seed: number;
  /** For the progress line. */
  label?: string;
}

/** One student's result. Accuracies 0 … 1. */
export interface StudentResult {
  /** After the last epoch. */
  last: number;
  /** Best of all tests: chosen on the test set, as the published tables do. */
  best: number;
  /** Epoch of the best, from 1. */
  bestEpoch: number;
  epochs: number;
  steps: number;
  /** Images a step. */
  batch: number;
  /** Mean training loss of the last hundredth. */
  loss: number;
  seconds: number;
}

/** Trains one student, tests it where the protocol says, and frees it. */
export async function trainStudent(
  train: LabelledImages,
  test: LabelledImages,
  options: StudentOptions,
): Promise<StudentResult> {
  const {
    student,
    protocol,
    teacher,
    answers,
    seed,
    label = `Student ${student}, seed ${seed}`,
    signal,
    onProgress,
  } = options;
  const { classes, size, labels } = train;
  if (protocol.labels === 'soft' && !teacher && !answers)
    throw new Error(`Expected a teacher, as '${protocol.name}' has soft labels.`);
  if (test.size !== size) throw new Error(`Expected test images of the students' ${size} pixels, got ${test.size}.`);
  const settings = cellSettings(protocol, { ...options, classes: classes.length });
  const { epochs, batch, optimiser } = settings;
  const perEpoch = Math.ceil(labels.length / batch);
  const network = buildNetwork(student, { classes: classes.length, size, seed });
  teacher?.eval();
  const tests: { epoch: number; accuracy: number }[] = [];
  try {
    const report = await trainModule(network, {
      label,
      steps: epochs * perEpoch,
      learningRate: settings.learningRate,
      schedule: (step) => settings.rate(Math.floor(step / perEpoch)),
      weightDecay: optimiser.weightDecay,
      ...(optimiser.kind === 'sgd'
        ? { optimiser: (variables) => new Sgd(variables, { ...optimiser, learningRate: settings.learningRate }) }
        : {}),
      signal,
      onProgress,
      loss(step) {
        const batch = batchAt(train, settings, { seed, step, perEpoch });
        const { temperature } = settings;
        if (temperature === null) return hardLoss(network.forward(batch.images), batch);
        const told = answers
          ? answersAt(answers, { step, perEpoch, batch: settings.batch, classes: classes.length })
          : withoutGradients(() => teacher!.forward(batch.images));
        return distillationLoss(network.forward(batch.images), told, { temperature });
      },
      async afterStep(done) {
        const epoch = done / perEpoch;
        if (!Number.isInteger(epoch) || !isTested(protocol, epoch, epochs)) return;
        tests.push({ epoch, accuracy: await accuracy(network, test, { signal }) });
        network.train();
      },
    });
    const best = tests.reduce((a, b) => (b.accuracy > a.accuracy ? b : a));
    return {
      last: tests.at(-1)!.accuracy,
      best: best.accuracy,
      bestEpoch: best.epoch,
      epochs,
      steps: report.steps,
      batch,
      loss: report.losses.at(-1)!,
      seconds: report.seconds,
    };
  } finally {
    network.dispose();
  }
}

/** A batch as a student sees it. */
export interface MixedBatch {
  images: Tensor;
  /** Of the image and of its CutMix partner, int32 [N]. */
  labels: Tensor;
  partnerLabels: Tensor;
  /** Share of the image's own pixels. */
  own: number;
}

/** A function of (seed, step) alone, whatever the student: order by epoch, draws by step. */
export function batchAt(
  { images, labels, size, normalisation }: LabelledImages,
  { batch, augmentation, cutMix: { alpha } }: CellSettings,
  { seed, step, perEpoch }: { seed: number; step: number; perEpoch: number },
): MixedBatch {
  const [epoch, place] = [Math.floor(step / perEpoch), step % perEpoch];
  const order = new RandomStream(seed, 'student order', epoch).permutation(labels.length);
  const chosen = order.subarray(place * batch, (place + 1) * batch);
  const random = new RandomStream(seed, 'student augmentation', step);
  const augmented = augment(tf.gather(images, tf.tensor1d(chosen, 'int32')), augmentation, { random, normalisation });
  const draw = drawCutMix(random.child('cutmix'), { count: chosen.length, size, alpha });
  const own = tf.tensor1d(
    chosen.map((i) => labels[i]!),
    'int32',
  );
  return {
    images: cutMix(augmented, draw),
    labels: own,
    partnerLabels: tf.gather(own, tf.tensor1d(draw.partners, 'int32')),
    own: draw.own,
  };
}

/** The kept answers to a step's batch. */
function answersAt(
  answers: (epoch: number) => Float32Array,
  { step, perEpoch, batch, classes }: { step: number; perEpoch: number; batch: number; classes: number },
): Tensor {
  const [epoch, place] = [Math.floor(step / perEpoch), step % perEpoch];
  const some = answers(epoch).subarray(place * batch * classes, (place + 1) * batch * classes);
  return tf.tensor2d(some, [some.length / classes, classes]);
}

/** The cross entropy of the mixed batch's two labels. */
function hardLoss(logits: Tensor, { labels, partnerLabels, own }: MixedBatch): Tensor {
  const mine = tf.mul(softmaxCrossEntropy(logits, labels), own);
  return tf.add(mine, tf.mul(softmaxCrossEntropy(logits, partnerLabels), 1 - own));
}
