/** The network that labels: trained on the full training set, checked before it is trusted. */
import { existsSync } from 'node:fs';
import { type LongTask, RandomStream, softmaxCrossEntropy, tf } from '../engine';
import {
  SafetensorsFile,
  type TrainingReport,
  type TrainModuleOptions,
  trainModule,
  writeSafetensors,
} from '../models';
import { confusion, predict, shareRight } from './accuracy';
import { augment, type Augmentation } from './augment';
import type { LabelledImages, Normalisation } from './images';
import { buildNetwork, type Classifier, type NetworkName } from './networks';

export interface TeacherOptions extends LongTask, Pick<TrainModuleOptions, 'checkpoint'> {
  network: NetworkName;
  epochs: number;
  /** Images a step. @default 100 */
  batch?: number;
  /** Highest rate of AdamW, warmed up and then let down by a cosine. @default 0.001 */
  learningRate?: number;
  /** @default 0.01 */
  weightDecay?: number;
  /** Area share of the random crops, from and to. @default [0.35, 1] */
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

/** A teacher with what must be known to ask it. */
export interface TrainedTeacher extends Teacher {
  /** In the order of its answers. */
  classes: readonly string[];
  /** Side of the images that it takes, pixels. */
  size: number;
  normalisation: Normalisation;
}

/**
 * Trains with AdamW, random crops and mirrors, cross-entropy.
 * @throws UnfitTeacherError when it ends near chance on the validation images: such a teacher must not label.
 */
export async function trainTeacher(
  train: LabelledImages,
  validation: LabelledImages,
  options: TeacherOptions,
): Promise<TrainedTeacher> {
  const { network: name, epochs, batch = 100, learningRate = 1e-3, cropScale = [0.35, 1], seed, ...task } = options;
  const { classes, size, normalisation, labels } = train;
  const network = buildNetwork(name, { classes: classes.length, size, seed });
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
        const images = tf.gather(train.images, tf.tensor1d(chosen, 'int32'));
        const right = tf.tensor1d(
          chosen.map((i) => labels[i]!),
          'int32',
        );
        const random = new RandomStream(seed, 'teacher crops', step);
        return softmaxCrossEntropy(network.forward(augment(images, augmentation, { random, normalisation })), right);
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

/** A teacher that must not label: its answers don't fit the validation images. */
export class UnfitTeacherError extends Error {
  override readonly name = 'UnfitTeacherError';
  constructor(
    message: string,
    /** Top-1 on the validation images, 0 … 1. */
    readonly accuracy: number,
  ) {
    super(message);
  }
}

/**
 * Measures a teacher on validation images before it labels anything.
 * @returns its top-1, 0 … 1
 * @throws UnfitTeacherError when the classes stand in another order, or the accuracy is below twice chance; it names the
 *   likely cause: class order, weights not loaded, or parts that don't belong together.
 */
export async function selfCheck(
  { network, classes, size }: Pick<TrainedTeacher, 'network' | 'classes' | 'size'>,
  validation: LabelledImages,
  task: LongTask = {},
): Promise<number> {
  if (validation.size !== size) {
    throw new Error(`Expected validation images of ${size} pixels, the teacher's size, got ${validation.size}.`);
  }
  const answers = await predict(network, validation, task);
  const reached = shareRight(answers, validation.labels);
  const other = classes.findIndex((name, i) => name !== validation.classes[i]);
  if (other >= 0 || classes.length !== validation.classes.length) {
    const place = other >= 0 ? other : classes.length;
    throw new UnfitTeacherError(
      `Expected the teacher's classes to be those of the validation images, in order; class ${place} is '${classes[place]}' to the teacher and '${validation.classes[place]}' there (accuracy ${percent(reached)}). Load both with one class list.`,
      reached,
    );
  }
  checkTeacher(reached, classes.length, likelyCause(answers, validation, reached));
  return reached;
}

/**
 * Refuses a teacher near chance.
 * @throws UnfitTeacherError with the likely cause.
 */
export function checkTeacher(
  reached: number,
  classes: number,
  cause = "Check that its classes are in the dataset's order and that it sees images of the size and normalisation it was trained on.",
): void {
  if (reached >= Math.min(2 / classes, 0.6)) return;
  throw new UnfitTeacherError(
    `Expected the teacher to be well above chance (${percent(1 / classes)}) on validation images, it reaches ${percent(reached)}. It labels nothing. ${cause}`,
    reached,
  );
}

function likelyCause(answers: Int32Array, { labels, classes }: LabelledImages, reached: number): string {
  const table = confusion(answers, labels, classes.length);
  // Were each class called by its most frequent answer, how often would the teacher be right?
  const renamed = table.reduce((sum, row) => sum + Math.max(...row), 0) / labels.length;
  const distinct = new Set(table.map((row) => row.indexOf(Math.max(...row)))).size;
  if (distinct > classes.length / 2 && renamed > Math.max(0.3, 3 * reached)) {
    return `With its classes renamed it would reach ${percent(renamed)}: their order, or the folder names, differ from those it was trained with. Load both with one class list.`;
  }
  if (distinct === 1) {
    return 'It gives one answer to every class: check that its weights were loaded, and its normalisation.';
  }
  return 'Check that weights, architecture (stem, norm), image size and normalisation belong together, and that it was trained for long enough.';
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

/** Writes a teacher to one safetensors file. */
export async function saveTeacher(teacher: TrainedTeacher, file: string): Promise<void> {
  const { network, ...rest } = teacher;
  writeSafetensors(file, await network.stateDict(), { metadata: { teacher: JSON.stringify(rest) } });
}

/** Reads a teacher that saveTeacher wrote; undefined where there is no file. @throws when it is something else. */
export function loadTeacher(file: string): TrainedTeacher | undefined {
  if (!existsSync(file)) return undefined;
  const stored = new SafetensorsFile(file);
  if (!stored.metadata.teacher) throw new Error(`Expected ${file} to be a teacher that saveTeacher wrote.`);
  const rest = JSON.parse(stored.metadata.teacher) as Omit<TrainedTeacher, 'network'>;
  const network = buildNetwork(rest.name, { classes: rest.classes.length, size: rest.size });
  return { ...rest, network: network.load(stored).eval() };
}
