/** IDM (Zhao et al., "Improved Distribution Matching", CVPR 2023): mean features matched in networks in training. */
import { z } from 'zod';
import type { ImageDataset } from '../../datasets';
import {
  breathe,
  type LongTask,
  precisions,
  RandomStream,
  softmaxCrossEntropy,
  type Tensor,
  tf,
  withoutGradients,
  withPrecision,
} from '../../engine';
import { convNetFeatures } from '../../models';
import type { DistilledSet } from '../distilled-set';
import { readSettings } from '../read-settings';
import { expand, partition } from './expansion';
import { learnSet } from './learned-images';
import { type Learner, type LearningCheckpoint, learnSteps } from './learning-loop';
import { matchingNetwork, matchingNetworkSchema } from './matching-network';
import { ModelQueue, type QueuedNetwork } from './model-queue';
import type { RealImages } from './real-images';
import { applyChanges, augmentationSchema, type Change, drawChanges } from './siamese';

/** What determines the set. Defaults as in the released code's command for CIFAR-10 at 10 images per class (command.txt). */
export const idmSettings = z.object({
  imagesPerClass: z.int().min(1),
  /** Side of a distilled image, pixels. Default the dataset's. */
  size: z.int().min(1).optional(),
  /** Parts along a side of an image; networks see each as an image of its own. 1: no partition. */
  factor: z.int().min(1).default(2),
  /** Updates of every class's images. */
  steps: z.int().min(1).default(20_000),
  /** Real images of a class per step. At 1 image per class: 5,000. */
  realBatch: z.int().min(1).default(256),
  /** Learning rate of SGD on the images. */
  learningRate: z.number().positive().default(0.2),
  momentum: z.number().min(0).max(1).default(0.5),
  /** Weight of the cross entropy per 1 % of the network's accuracy. At 50 images per class, and on CIFAR-100: 0.1. */
  classWeight: z.number().min(0).default(0.5),
  /** Largest number of networks in the queue, and the number at the start. */
  networks: z.int().min(1).default(100),
  firstNetworks: z.int().min(0).default(3),
  /** Steps from one new network to the next. At 1 image per class: 5. */
  networkEvery: z.int().min(1).default(30),
  /** Networks that train after each step, and for how many steps. */
  trainedNetworks: z.int().min(0).default(2),
  trainSteps: z.int().min(1).default(10),
  /** Real images per step of a network. */
  trainBatch: z.int().min(1).default(256),
  /** Learning rate of SGD on the networks, with momentum 0.9 and weight decay 0.0005. */
  networkRate: z.number().positive().default(0.01),
  initial: z.enum(['real', 'noise']).default('real'),
  augmentations: augmentationSchema,
  network: matchingNetworkSchema.prefault({}),
  /** Precision of the networks' products; 'bfloat16' is faster where the processor has tiles for it. */
  precision: z.enum(precisions).default('float32'),
  seed: z.int().default(0),
});

export type IdmOptions = z.input<typeof idmSettings> & { checkpoint?: LearningCheckpoint } & LongTask;

/**
 * Improved distribution matching. Each image holds factor² smaller ones, which are cut out and enlarged (section 4.1).
 * The network whose features are compared comes from a queue of networks that train on real images (4.2). A cross
 * entropy has the images learn to be classified correctly; its weight grows with the network's accuracy (4.3).
 * Classes take their steps one after the other.
 *
 * The set holds the enlarged parts, on which the paper trains its students: imagesPerClass · factor² images per class,
 * learned in the pixels of imagesPerClass. So under a recipe that is counted in epochs, its students take factor² as many
 * steps as those of other sets. The set's size in bytes counts the enlarged images. Images are normalised
 * and stored as in `distributionMatching`. A network's accuracy counts all images it has trained on; the released code
 * starts counting again whenever it evaluates the set.
 * @example const set = await improvedDistributionMatching(dataset, { imagesPerClass: 10 });
 * @throws when a class has too few images to start from, or images can't be cut by the factor
 */
export async function improvedDistributionMatching(
  dataset: ImageDataset,
  { checkpoint, signal, onProgress, ...options }: IdmOptions,
): Promise<DistilledSet> {
  const { size = dataset.size, imagesPerClass, ...settings } = readSettings(idmSettings, options, 'IDM');
  const { steps, realBatch, seed, factor, networkEvery, trainedNetworks, trainSteps, precision } = settings;
  const labels = [...dataset.classes.keys()];
  const learned = {
    ...settings,
    method: 'IDM',
    imagesPerClass,
    values: 'normalised',
    size,
    signal,
    onProgress,
  } as const;
  return learnSet(dataset, learned, async (images, real) => {
    if (settings.initial === 'real') {
      const mosaics = firstMosaics(real, { imagesPerClass, factor, seed });
      images.images.assign(mosaics);
      mosaics.dispose();
    }
    const queue = new ModelQueue({
      length: settings.networks,
      learningRate: settings.networkRate,
      batch: settings.trainBatch,
      precision,
      network: (n) => matchingNetwork(settings.network, { classes: labels.length, size, seed, path: `IDM ${n}` }),
    });
    for (let n = 0; n < settings.firstNetworks; n++) queue.push();
    const learner: Learner = {
      state() {
        const { tensors, notes } = queue.state();
        return { tensors: { ...tensors, ...images.state().tensors }, notes };
      },
      restore(state) {
        images.restore(state);
        queue.restore(state);
      },
    };
    try {
      await learnSteps(learner, { method: 'IDM', steps, checkpoint, signal, onProgress }, async (step) => {
        if (step % networkEvery === 0) queue.push();
        const random = new RandomStream(seed, 'IDM', step);
        const chosen = queue.choose(random.child('network'));
        let loss = 0;
        for (const label of labels) {
          await breathe(signal);
          const own = random.child('class', label);
          const changes = drawChanges(own.child('augmentation'), { from: settings.augmentations, mode: 'one', size });
          const taken = real.take(real.draw(own, label, realBatch), 'normalised');
          const lossOf = (synthetic: Tensor): Tensor =>
            idmLoss(chosen, {
              real: taken,
              synthetic: expand(synthetic, factor),
              changes,
              label,
              classWeight: settings.classWeight,
            });
          loss += withPrecision(precision, () => images.step([label], lossOf));
          taken.dispose();
        }
        await queue.train(real, {
          networks: trainedNetworks,
          steps: trainSteps,
          random: random.child('training'),
          signal,
        });
        return loss / labels.length;
      });
      return await images.asSet(settings, (final) => expand(final, factor));
    } finally {
      queue.dispose();
    }
  });
}

export interface IdmLossOptions {
  /** Real images of the class, [n,S,S,3], and learned ones, expanded. */
  real: Tensor;
  synthetic: Tensor;
  /** Augmentations applied to both. */
  changes: readonly Change[];
  label: number;
  classWeight: number;
}

/**
 * ‖mean features of real − mean features of learned‖² + classWeight · 100 · accuracy · cross entropy of the learned: a
 * scalar, with no gradient to the real.
 */
export function idmLoss(
  { network, accuracy }: QueuedNetwork,
  { real, synthetic, changes, label, classWeight }: IdmLossOptions,
): Tensor {
  return tf.tidy(() => {
    const wanted = withoutGradients(() => tf.mean(convNetFeatures(network, applyChanges(real, changes)), 0));
    const seen = convNetFeatures(network, applyChanges(synthetic, changes));
    const distance = tf.sum(tf.square(tf.sub(tf.mean(seen, 0), wanted)));
    const weight = 100 * accuracy * classWeight;
    if (weight === 0) return distance;
    const labels = tf.fill([synthetic.shape[0]!], label, 'int32');
    return tf.add(distance, tf.mul(softmaxCrossEntropy(network.classifier.forward(seen), labels), weight));
  });
}

/** Mosaics of random images of each class, in label order; every part is drawn by itself. */
function firstMosaics(
  real: RealImages,
  { imagesPerClass, factor, seed }: { imagesPerClass: number; factor: number; seed: number },
): Tensor {
  return tf.tidy(() => {
    const positions = real.dataset.classes.flatMap((_, label) => {
      const parts = Array.from({ length: factor ** 2 }, (_, part) =>
        real.draw(new RandomStream(seed, 'IDM', 'first images', label, part), label, imagesPerClass),
      );
      // The parts of an image side by side.
      return Array.from({ length: imagesPerClass }, (_, image) => parts.map((drawn) => drawn[image]!)).flat();
    });
    return partition(real.take(positions, 'normalised'), factor);
  });
}
