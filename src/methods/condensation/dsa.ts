/** DSA (Zhao & Bilen, ICML 2021): images whose gradients match those of real images while a network trains. */
import { z } from 'zod';
import type { ImageDataset } from '../../datasets';
import { breathe, type LongTask, type Precision, precisions, RandomStream, Sgd, tf, withPrecision } from '../../engine';
import type { ConvNet } from '../../models';
import type { DistilledSet } from '../distilled-set';
import { readSettings } from '../read-settings';
import { type LearnedImages, learnSet } from './learned-images';
import type { LearningCheckpoint } from './learning-loop';
import { type MatchClassesOptions, matchClasses } from './match-classes';
import { matchingNetwork, matchingNetworkSchema } from './matching-network';
import { applyChanges, augmentationSchema, drawChanges } from './siamese';
import { trainStep } from './train-network';

/** What determines the set. Defaults as in the released code (main.py, its README's command) for CIFAR-10. */
export const dsaSettings = z.object({
  imagesPerClass: z.int().min(1),
  /** Side of a distilled image, pixels. Default the dataset's. */
  size: z.int().min(1).optional(),
  /** Networks, each freshly initialised. */
  steps: z.int().min(1).default(1000),
  /** Updates of the images per network. Default: as released for the nearest number of images per class. */
  matches: z.int().min(1).optional(),
  /** Epochs of the network on the learned images between two updates. Default: likewise. */
  epochs: z.int().min(0).optional(),
  /** Real images of a class per update. */
  realBatch: z.int().min(1).default(256),
  /** Images per training step of the network. */
  trainBatch: z.int().min(1).default(256),
  /** Learning rate of SGD on the images. */
  learningRate: z.number().positive().default(0.1),
  momentum: z.number().min(0).max(1).default(0.5),
  /** Learning rate of plain SGD on the network. */
  networkRate: z.number().positive().default(0.01),
  initial: z.enum(['real', 'noise']).default('real'),
  augmentations: augmentationSchema,
  network: matchingNetworkSchema.prefault({}),
  /** Precision of the networks' products; 'bfloat16' is faster where the processor has tiles for it. */
  precision: z.enum(precisions).default('float32'),
  seed: z.int().default(0),
});

export type DsaOptions = z.input<typeof dsaSettings> & { checkpoint?: LearningCheckpoint } & LongTask;

/** Images per class → updates per network, and epochs between them (get_loops). */
const loops = [
  { imagesPerClass: 1, matches: 1, epochs: 1 },
  { imagesPerClass: 10, matches: 10, epochs: 50 },
  { imagesPerClass: 20, matches: 20, epochs: 25 },
  { imagesPerClass: 30, matches: 30, epochs: 20 },
  { imagesPerClass: 40, matches: 40, epochs: 15 },
  { imagesPerClass: 50, matches: 50, epochs: 10 },
] as const;

/**
 * Gradient matching with differentiable siamese augmentation. SGD steps on Σ_classes D(∇ real, ∇ learned), where D sums
 * 1 − cosine over the outputs of each layer, alternate with training the network on the images; then the next network
 * follows. The networks are ConvNets of operations that can be differentiated twice. Without augmentations this is DC.
 *
 * Images are normalised and stored as in `distributionMatching`.
 * @example const set = await gradientMatching(dataset, { imagesPerClass: 10 });
 * @throws when a class has too few images to start from
 */
export async function gradientMatching(
  dataset: ImageDataset,
  { checkpoint, signal, onProgress, ...options }: DsaOptions,
): Promise<DistilledSet> {
  const { size = dataset.size, imagesPerClass, ...given } = readSettings(dsaSettings, options, 'DSA');
  const distance = (loop: (typeof loops)[number]): number => Math.abs(loop.imagesPerClass - imagesPerClass);
  const usual = loops.reduce((nearest, loop) => (distance(loop) < distance(nearest) ? loop : nearest));
  const settings = { ...given, matches: given.matches ?? usual.matches, epochs: given.epochs ?? usual.epochs };
  const { steps, matches, realBatch, seed, augmentations, networkRate } = settings;
  const learned = {
    ...settings,
    method: 'DSA',
    imagesPerClass,
    values: 'normalised',
    size,
    signal,
    onProgress,
  } as const;
  return learnSet(dataset, learned, async (images, real) => {
    const labels = [...dataset.classes.keys()];
    await images.learn({ steps, checkpoint, signal, onProgress }, async (step) => {
      const network = matchingNetwork(settings.network, { classes: labels.length, size, seed, path: `DSA ${step}` });
      const optimiser = new Sgd(network.variables(), { learningRate: networkRate });
      let loss = 0;
      try {
        for (let k = 0; k < matches; k++) {
          await breathe(signal);
          const match: MatchClassesOptions = {
            labels,
            classes: labels.length,
            distance: 'by output',
            layers: 'all',
            draw: (label) => {
              const random = new RandomStream(seed, 'DSA', step, k, label);
              const changes = drawChanges(random.child('augmentation'), { from: augmentations, mode: 'one', size });
              return { changes, real: real.take(real.draw(random, label, realBatch), 'normalised') };
            },
          };
          loss += withPrecision(settings.precision, () => matchClasses(images, network, match));
          if (k === matches - 1) break;
          const random = new RandomStream(seed, 'DSA network', step, k);
          await trainOnImages(network, images, { ...settings, optimiser, random, size, signal });
        }
      } finally {
        optimiser.dispose();
        network.dispose();
      }
      return loss / (labels.length * matches);
    });
    return images.asSet(settings);
  });
}

/** Trains the network on the learned images for some epochs, each image augmented on its own. */
async function trainOnImages(
  network: ConvNet,
  { images }: LearnedImages,
  options: {
    optimiser: Sgd;
    random: RandomStream;
    epochs: number;
    size: number;
    trainBatch: number;
    augmentations: z.output<typeof augmentationSchema>;
    precision: Precision;
  } & LongTask,
): Promise<void> {
  const { optimiser, random, epochs, size, trainBatch, augmentations: from, precision, signal } = options;
  const count = images.shape[0]!;
  const perClass = count / network.classifier.bias!.size;
  for (let epoch = 0; epoch < epochs; epoch++) {
    await breathe(signal);
    const order = random.child('order', epoch).permutation(count);
    for (let start = 0; start < count; start += trainBatch) {
      const chosen = order.subarray(start, start + trainBatch);
      const changes = drawChanges(random.child('changes', epoch, start), {
        from,
        mode: 'one',
        size,
        count: chosen.length,
      });
      const batch = tf.tidy(() => ({
        images: applyChanges(tf.gather(images, tf.tensor1d(chosen, 'int32')), changes),
        labels: tf.tensor1d(
          chosen.map((k) => Math.floor(k / perClass)),
          'int32',
        ),
      }));
      withPrecision(precision, () => trainStep(network, optimiser, batch));
    }
  }
}
