/** DM (Zhao & Bilen, WACV 2023): images whose mean features in random networks match those of their class. */
import { z } from 'zod';
import type { ImageDataset } from '../../datasets';
import {
  type LongTask,
  precisions,
  RandomStream,
  type Tensor,
  tf,
  withoutGradients,
  withPrecision,
} from '../../engine';
import { type ConvNet, convNetFeatures } from '../../models';
import type { DistilledSet } from '../distilled-set';
import { readSettings } from '../read-settings';
import { learnSet } from './learned-images';
import type { LearningCheckpoint } from './learning-loop';
import { matchingNetwork, matchingNetworkSchema } from './matching-network';
import { applyChanges, augmentationSchema, type Change, drawChanges } from './siamese';

/** What determines the set. Defaults as in the released code (main_DM.py) for CIFAR-10. */
export const dmSettings = z.object({
  imagesPerClass: z.int().min(1),
  /** Side of a distilled image, pixels. Default the dataset's. */
  size: z.int().min(1).optional(),
  /** Updates of the images, each with a freshly initialised network. */
  steps: z.int().min(1).default(20_000),
  /** Real images of a class per step. */
  realBatch: z.int().min(1).default(256),
  /** Learning rate of SGD on the images. */
  learningRate: z.number().positive().default(1),
  momentum: z.number().min(0).max(1).default(0.5),
  initial: z.enum(['real', 'noise']).default('real'),
  augmentations: augmentationSchema,
  network: matchingNetworkSchema.prefault({}),
  /** Precision of the networks' products; 'bfloat16' is faster where the processor has tiles for it. */
  precision: z.enum(precisions).default('float32'),
  seed: z.int().default(0),
});

export type DmOptions = z.input<typeof dmSettings> & { checkpoint?: LearningCheckpoint } & LongTask;

/**
 * Distribution matching. Each step takes a freshly initialised network, augments the real and learned images of a class
 * alike, and makes one SGD step on Σ_classes ‖mean features of real − mean features of learned‖².
 *
 * Images are normalised by the mean and deviation of each channel over the dataset. Learned images are stored with 8
 * bits per channel, so values beyond black and white are clipped; the released code tests on the unclipped values.
 * @example const set = await distributionMatching(dataset, { imagesPerClass: 10 });
 * @throws when a class has too few images to start from
 */
export async function distributionMatching(
  dataset: ImageDataset,
  { checkpoint, signal, onProgress, ...options }: DmOptions,
): Promise<DistilledSet> {
  const { size = dataset.size, imagesPerClass, ...settings } = readSettings(dmSettings, options, 'DM');
  const { steps, realBatch, seed, augmentations, network: which, precision } = settings;
  const learned = {
    ...settings,
    method: 'DM',
    imagesPerClass,
    values: 'normalised',
    size,
    signal,
    onProgress,
  } as const;
  return learnSet(dataset, learned, async (images, real) => {
    const labels = [...dataset.classes.keys()];
    await images.learn({ steps, checkpoint, signal, onProgress }, async (step) => {
      const network = matchingNetwork(which, { classes: labels.length, size, seed, path: `DM ${step}` });
      const lossOf = (synthetic: Tensor, label: number): Tensor => {
        const random = new RandomStream(seed, 'DM', step, label);
        const taken = withoutGradients(() => real.take(real.draw(random, label, realBatch), 'normalised'));
        const changes = drawChanges(random.child('augmentation'), { from: augmentations, mode: 'one', size });
        return featureDistance(network, { real: taken, synthetic, changes });
      };
      const loss = withPrecision(precision, () => images.step(labels, lossOf));
      network.dispose();
      return loss;
    });
    return images.asSet(settings);
  });
}

/** ‖mean features of real − mean features of learned images‖², both changed alike; a scalar, with no gradient to the real. */
export function featureDistance(
  network: ConvNet,
  { real, synthetic, changes }: { real: Tensor; synthetic: Tensor; changes: readonly Change[] },
): Tensor {
  return tf.tidy(() => {
    const wanted = withoutGradients(() => tf.mean(convNetFeatures(network, applyChanges(real, changes)), 0));
    const seen = tf.mean(convNetFeatures(network, applyChanges(synthetic, changes)), 0);
    return tf.sum(tf.square(tf.sub(seen, wanted)));
  });
}
