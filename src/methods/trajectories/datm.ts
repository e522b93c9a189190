/** DATM (Guo et al., "Towards Lossless Dataset Distillation via Difficulty-Aligned Trajectory Matching", ICLR 2024). */
import { z } from 'zod';
import type { ImageDataset } from '../../datasets';
import { type LongTask, type Tensor, tf } from '../../engine';
import type { ConvNet } from '../../models';
import { type LearnedImages, learnSet } from '../condensation/learned-images';
import type { LearningCheckpoint } from '../condensation/learning-loop';
import { matchingNetwork } from '../condensation/matching-network';
import type { RealImages } from '../condensation/real-images';
import type { DistilledSet } from '../distilled-set';
import { readSettings } from '../read-settings';
import { LearnedVariable } from './learned-variable';
import { matchTrajectories, trajectorySettings } from './match-trajectories';
import { classProbabilities, throughSoftmax, withLogits } from './soft-labels';
import { correctlyClassified } from './correctly-classified';
import type { Trajectory } from './trajectory';

/** What determines the set besides the experts. Defaults as in the released code for CIFAR-10 at 10 images per class (configs/). */
export const datmSettings = trajectorySettings.extend({
  studentSteps: z.int().min(1).default(80),
  /** First epoch of an expert from which students may start: 0 for small sets, later for sets that can hold more. */
  minStart: z.int().min(0).default(0),
  /** Students start before this epoch at first. At 50 images per class: 20. */
  firstMaxStart: z.int().min(1).default(10),
  /** Students start before this epoch in the end. At 50 images per class: 40. */
  maxStart: z.int().min(1).default(20),
  /** Steps over which the limit moves from `firstMaxStart` to `maxStart`. At 50 images per class: 2,000. */
  expansionSteps: z.int().min(1).default(1000),
  /** Learning rate of SGD on the images. At 50 images per class: 1,000. */
  learningRate: z.number().positive().default(100),
  rateRate: z.number().min(0).default(1e-5),
  /** Learning rate of SGD on the labels' logits. */
  labelRate: z.number().min(0).default(2),
  labelMomentum: z.number().min(0).max(1).default(0.9),
  /** Steps with a greater distance are skipped. At 1 image per class: 1.1. */
  threshold: z.number().positive().default(1),
  /**
   * 'classified': images that experts classify correctly, labelled by the logits of those who do. 'real': random images,
   * labelled by the first expert's logits. 'noise' is labelled by class.
   */
  initial: z.enum(['classified', 'real', 'noise']).default('classified'),
});

export interface DatmOptions extends z.input<typeof datmSettings>, LongTask {
  /** Trained toward flat minima for 100 epochs in the paper. @see trainExpert */
  experts: readonly Trajectory[];
  checkpoint?: LearningCheckpoint | undefined;
}

/** Initial logit of the image's class for noise: probability above 0.99 among 100 classes. */
const CLASS_LOGIT = 10;
/** Images that pass through an expert together. */
const LABELLED_AT_ONCE = 250;

/**
 * Trajectory matching on parts of the experts' trajectories whose difficulty suits the size of the set: early epochs
 * first, later ones as learning proceeds. Labels are learned too, as logits. Gradients go back through all steps of a
 * student.
 *
 * Images are normalised and stored as in `distributionMatching`, without the ZCA whitening of the published runs. Each
 * step draws an expert at random. The set stores the images' `logits`, and in its settings the students' `learnedRate`;
 * evaluation protocols use their own rates, and their own labels unless they are given `learnedAnswers`.
 * @example const set = await datm(dataset, { imagesPerClass: 10, experts });
 * @throws when an expert is too short or of another network, or classifies too few images correctly
 */
export async function datm(
  dataset: ImageDataset,
  { checkpoint, signal, onProgress, experts, ...options }: DatmOptions,
): Promise<DistilledSet> {
  const { size = dataset.size, imagesPerClass, ...settings } = readSettings(datmSettings, options, 'DATM');
  const { initial, seed, labelRate, labelMomentum } = settings;
  const startFrom = startRange(settings);
  const classes = dataset.classes.length;
  const learned = {
    ...settings,
    initial: initial === 'noise' ? 'noise' : 'real',
    method: 'DATM',
    imagesPerClass,
    values: 'normalised',
    size,
    signal,
    onProgress,
  } as const;
  return learnSet(dataset, learned, async (images, real) => {
    const network = matchingNetwork(settings.network, { classes, size, seed, path: 'student' });
    let labels: LearnedVariable | undefined;
    try {
      const logits =
        initial === 'classified'
          ? startFromClassified(images, real, { network, experts, imagesPerClass, seed })
          : initial === 'real'
            ? logitsAtTheEnd(images, network, experts)
            : tf.tidy(() => tf.mul(classProbabilities(classes, imagesPerClass), CLASS_LOGIT));
      const own = new LearnedVariable('labels', logits, { learningRate: labelRate, momentum: labelMomentum });
      labels = own;
      const learnedRate = await matchTrajectories(images, {
        ...settings,
        method: 'DATM',
        size,
        network,
        experts,
        labels: {
          take: () => tf.softmax<Tensor>(own.variable),
          learn: (gradient) => own.apply(throughSoftmax(own.variable, gradient)),
          state: () => own.state(),
          restore: (tensors) => own.restore(tensors),
        },
        startFrom,
        through: 'all',
        checkpoint,
        signal,
        onProgress,
      });
      const set = await images.asSet({ ...settings, learnedRate });
      return await withLogits(set, tf.clone<Tensor>(own.variable));
    } finally {
      labels?.dispose();
      network.dispose();
    }
  });
}

/**
 * Epochs from which a step's student may start, [first, end): the end moves evenly over the expansion and stays then.
 * @throws unless minStart < firstMaxStart ≤ maxStart
 */
export function startRange({ minStart, firstMaxStart, maxStart, expansionSteps }: StartSettings) {
  if (!(minStart < firstMaxStart && firstMaxStart <= maxStart)) {
    throw new Error(
      `Expected minStart < firstMaxStart ≤ maxStart, the epochs from which students may start, got ${minStart}, ${firstMaxStart} and ${maxStart}.`,
    );
  }
  return (step: number): readonly [number, number] => [
    minStart,
    Math.min(maxStart, firstMaxStart + Math.floor(((maxStart - firstMaxStart) * step) / expansionSteps)),
  ];
}
type StartSettings = Pick<z.output<typeof datmSettings>, 'minStart' | 'firstMaxStart' | 'maxStart' | 'expansionSteps'>;

/** Logits of the first expert for the images, after its training. */
function logitsAtTheEnd({ images }: LearnedImages, network: ConvNet, [first]: readonly Trajectory[]): Tensor {
  if (!first) throw new Error('Expected experts to follow, got none. Train some with trainExpert.');
  network.load(first.at(first.epochs));
  return tf.tidy(() => {
    const [count, ...shape] = images.shape as [number, number, number, number];
    // In parts: 5,000 images at once take gigabytes.
    const parts = Array.from({ length: Math.ceil(count / LABELLED_AT_ONCE) }, (_, part) => {
      const start = part * LABELLED_AT_ONCE;
      const length = Math.min(LABELLED_AT_ONCE, count - start);
      return tf.tidy(() => network.forward(tf.slice(images, [start, 0, 0, 0], [length, ...shape])));
    });
    return tf.concat(parts) as Tensor;
  });
}

/** Replaces the initial images by ones that experts classify correctly. @returns their labels, as logits */
function startFromClassified(
  images: LearnedImages,
  real: RealImages,
  options: Parameters<typeof correctlyClassified>[1],
): Tensor {
  const { positions, logits } = correctlyClassified(real, options);
  const taken = real.take(positions, 'normalised');
  images.images.assign(taken);
  taken.dispose();
  return logits;
}
