/** Trains a fresh network on a distilled set by a protocol. */
import {
  distillationLoss,
  type LongTask,
  Sgd,
  softmaxCrossEntropy,
  type Tensor,
  tf,
  withoutGradients,
} from '../engine';
import { trainModule } from '../models';
import { accuracy } from './accuracy';
import { type CellSettings, cellSettings, type RecipeChanges } from './cell';
import type { LabelledImages, ResidentImages } from './images';
import { buildNetwork, type Classifier, type NetworkName } from './networks';
import { isTested, type Protocol } from './protocols';
import { batchAt, type MixedBatch } from './student-batch';

export interface StudentOptions extends LongTask, RecipeChanges {
  student: NetworkName;
  protocol: Protocol;
  /** Needed if the protocol's labels are soft. */
  teacher?: Classifier;
  /** The teacher's network name: some protocols have rows for pairs of networks. */
  teacherName?: string;
  /** Stored answers of the teacher, by epoch from 0; the teacher isn't run then. @see teacherAnswers */
  answers?: (epoch: number) => Float32Array;
  imagesPerClass: number;
  /**
   * Seed of the initial weights, and of every order, crop and mix. A teacher with the same seed shares none of them.
   */
  seed: number;
  /** Label of the progress line. */
  label?: string;
}

/** One student's result, with its recipe's numbers. Accuracies are 0 … 1. */
export interface StudentResult {
  /** Accuracy after the last epoch. */
  accuracy: number;
  /** Best accuracy of all tests; chosen on the test set, as in the published tables. */
  bestAccuracy: number;
  /** Epoch of the best, from 1. */
  bestEpoch: number;
  epochs: number;
  steps: number;
  /** Images per step. */
  batch: number;
  /** Peak learning rate. */
  learningRate: number;
  /** Patches along a side that augmentation assumed. */
  factor: number;
  /** Smallest area share of a crop. */
  cropFrom: number;
  /** Mean training loss over the last hundredth of the steps. */
  loss: number;
  seconds: number;
}

/**
 * Trains one student, tests it when the protocol says so, and frees it.
 * @throws when sizes or classes don't fit, a teacher is missing, or the loss is not finite.
 */
export async function trainStudent(
  train: ResidentImages,
  test: LabelledImages,
  options: StudentOptions,
): Promise<StudentResult> {
  const { student, protocol, teacher, answers, seed, signal, onProgress } = options;
  const { classes, size, labels } = train;
  checkInputs(train, test, options);
  const settings = cellSettings(protocol, {
    ...options,
    teacher: options.teacherName,
    classes: classes.length,
    size,
  });
  const { epochs, batch, optimiser } = settings;
  const evaluation = options.tests === undefined ? protocol.evaluation : { everyShare: 1 / options.tests };
  const perEpoch = Math.ceil(labels.length / batch);
  const network = buildNetwork(student, { classes: classes.length, size, seed, role: 'student' });
  teacher?.eval();
  const tests: { epoch: number; accuracy: number }[] = [];
  try {
    const report = await trainModule(network, {
      label: options.label ?? `Student ${student}, seed ${seed}`,
      steps: epochs * perEpoch,
      learningRate: settings.learningRate,
      schedule: (step) => settings.rate(Math.floor(step / perEpoch)),
      weightDecay: optimiser.weightDecay,
      precision: options.precision,
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
          ? answersAt(answers, settings, { step, perEpoch, classes: classes.length })
          : withoutGradients(() => teacher!.forward(batch.images));
        return distillationLoss(network.forward(batch.images), told, { temperature });
      },
      async afterStep(done) {
        const epoch = done / perEpoch;
        if (!Number.isInteger(epoch) || !isTested(evaluation, epoch, epochs)) return;
        tests.push({ epoch, accuracy: await accuracy(network, test, { signal }) });
        network.train();
      },
    });
    const best = tests.reduce((a, b) => (b.accuracy > a.accuracy ? b : a));
    return {
      accuracy: tests.at(-1)!.accuracy,
      bestAccuracy: best.accuracy,
      bestEpoch: best.epoch,
      epochs,
      steps: report.steps,
      batch,
      learningRate: settings.learningRate,
      factor: settings.factor,
      cropFrom: settings.augmentation.crop?.scale[0] ?? 1,
      loss: report.losses.at(-1)!,
      seconds: report.seconds,
    };
  } finally {
    network.dispose();
  }
}

function checkInputs(train: ResidentImages, test: LabelledImages, options: StudentOptions): void {
  const { protocol, teacher, answers } = options;
  const { classes, size, labels } = train;
  if (protocol.labels === 'soft' && !teacher && !answers) {
    throw new Error(
      `Expected a teacher, as '${protocol.name}' has soft labels. Pass { teacher }, or take the protocol 'hard'.`,
    );
  }
  if (classes.length < 2) {
    throw new Error(`Expected at least two classes to tell apart in '${train.name}', got ${classes.length}.`);
  }
  if (labels.length < 2) {
    throw new Error(
      `Expected at least two images in '${train.name}', as a batch of one has no statistics, got ${labels.length}. Distil more images per class.`,
    );
  }
  if (test.labels.length === 0) throw new Error(`Expected test images in '${test.name}', got none.`);
  if (test.size !== size) throw new Error(`Expected test images of the students' ${size} pixels, got ${test.size}.`);
}

/** The stored answers to a step's batch. */
function answersAt(
  answers: (epoch: number) => Float32Array,
  { batch }: CellSettings,
  { step, perEpoch, classes }: { step: number; perEpoch: number; classes: number },
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
