/** IDC-1 (Kim et al., ICML 2022, without multi-formation): gradient matching in networks that train on real images. */
import { z } from 'zod';
import type { ImageDataset } from '../../datasets';
import { breathe, type LongTask, precisions, RandomStream, Sgd, type Tensor, tf, withPrecision } from '../../engine';
import type { ConvNet } from '../../models';
import type { DistilledSet } from '../distilled-set';
import { readSettings } from '../read-settings';
import { learnSet } from './learned-images';
import type { LearningCheckpoint } from './learning-loop';
import { matchClasses } from './match-classes';
import { matchingNetwork, matchingNetworkSchema } from './matching-network';
import { normalise, type RealImages } from './real-images';
import { applyChanges, augmentationSchema, drawChanges } from './siamese';
import { cutMixStep, trainStep } from './train-network';

/** What determines the set. Defaults as in the released code's settings for ten classes of ImageNet (misc/reproduce.py). */
export const idcSettings = z.object({
  imagesPerClass: z.int().min(1),
  /** Side of a distilled image, pixels. Default the dataset's. */
  size: z.int().min(1).optional(),
  /** Networks, each freshly initialised. CIFAR: 2,000. */
  steps: z.int().min(1).default(500),
  /** Updates of every class's images per network. */
  matches: z.int().min(1).default(100),
  /** Epochs that a new network trains on the real images before it is used. CIFAR: 0. */
  warmUp: z.int().min(0).default(10),
  /** Real images that the network trains on after each update. CIFAR: 2,000. */
  trainImages: z.int().min(0).default(500),
  /** Real images of a class per update, and per step of the network. */
  realBatch: z.int().min(1).default(64),
  /** How gradients are compared. CIFAR: 'squared'. */
  distance: z.enum(['absolute', 'squared']).default('absolute'),
  /** Learning rate of SGD for `baseSize` pixels and 10 images per class; scaled by the pixels learned. CIFAR: 0.005. */
  learningRate: z.number().positive().default(0.003),
  /** Side of the images that the learning rate is given for, pixels. CIFAR: 32. */
  baseSize: z.int().min(1).default(224),
  momentum: z.number().min(0).max(1).default(0.5),
  /** Learning rate of SGD on the network, with momentum 0.9 and weight decay 0.0005. */
  networkRate: z.number().positive().default(0.01),
  /** Share of the network's steps that use CutMix. CIFAR: 0.5. */
  cutMix: z.number().min(0).max(1).default(1),
  initial: z.enum(['real', 'noise']).default('real'),
  /** For real and learned images. The network trains without cutout, because CutMix takes its place. */
  augmentations: augmentationSchema.unwrap().default(['color', 'crop', 'cutout']),
  network: matchingNetworkSchema.prefault({}),
  /** Precision of the networks' products; 'bfloat16' is faster where the processor has tiles for it. */
  precision: z.enum(precisions).default('float32'),
  seed: z.int().default(0),
});

export type IdcOptions = z.input<typeof idcSettings> & { checkpoint?: LearningCheckpoint } & LongTask;
type IdcSettings = z.output<typeof idcSettings>;

/**
 * IDC with a multi-formation factor of 1. Networks train on real images with CutMix, which keeps their gradients
 * informative. Between these steps, the images of each class take a step toward the gradients of real images with
 * respect to the convolutions' weights. Values are 0 … 1, clipped when a new network begins.
 *
 * The networks are ConvNets, which can be differentiated twice; on ImageNet the released code uses ResNetAP-10. All
 * images of a class are matched at once; the released code draws 128 at random where there are more.
 * @example const set = await idc(dataset, { imagesPerClass: 10 });
 * @throws when a class has too few images to start from
 */
export async function idc(
  dataset: ImageDataset,
  { checkpoint, signal, onProgress, ...options }: IdcOptions,
): Promise<DistilledSet> {
  const { size = dataset.size, imagesPerClass, ...settings } = readSettings(idcSettings, options, 'IDC-1');
  const { steps, matches, realBatch, distance, seed, augmentations, networkRate } = settings;
  const learningRate = settings.learningRate * (imagesPerClass / 10) * (size / settings.baseSize) ** 2;
  const learned = { ...settings, learningRate, method: 'IDC-1', imagesPerClass, values: 'unit', size } as const;
  return learnSet(dataset, { ...learned, signal, onProgress }, async (images, real) => {
    const labels = [...dataset.classes.keys()];
    const prepare = (values: Tensor): Tensor => normalise(values, real.statistics);
    await images.learn({ steps, checkpoint, signal, onProgress }, async (step) => {
      const network = matchingNetwork(settings.network, { classes: labels.length, size, seed, path: `IDC-1 ${step}` });
      const optimiser = new Sgd(network.variables(), { learningRate: networkRate, momentum: 0.9, weightDecay: 5e-4 });
      const training = { ...settings, optimiser, size, signal };
      let loss = 0;
      try {
        const all = settings.warmUp * dataset.labels.length;
        await trainOnReal(network, real, {
          ...training,
          count: all,
          random: new RandomStream(seed, 'IDC-1 warm-up', step),
        });
        images.clip();
        for (let k = 0; k < matches; k++) {
          await breathe(signal);
          const draw = (label: number) => {
            const random = new RandomStream(seed, 'IDC-1', step, k, label);
            const changes = drawChanges(random.child('augmentation'), { from: augmentations, mode: 'several', size });
            return { changes, real: real.take(real.draw(random, label, realBatch), 'unit') };
          };
          // Class after class, as the released code steps.
          for (const label of labels) {
            const match = { classes: labels.length, distance, layers: 'convolutions' } as const;
            loss += withPrecision(settings.precision, () =>
              matchClasses(images, network, { ...match, labels: [label], draw, prepare }),
            );
          }
          const random = new RandomStream(seed, 'IDC-1 network', step, k);
          await trainOnReal(network, real, { ...training, count: settings.trainImages, random });
        }
      } finally {
        optimiser.dispose();
        network.dispose();
      }
      return loss / (labels.length * matches);
    });
    images.clip();
    return images.asSet(settings);
  });
}

/** Trains the network on `count` real images, shuffled for each epoch, each image augmented on its own. */
async function trainOnReal(
  network: ConvNet,
  real: RealImages,
  options: Pick<IdcSettings, 'realBatch' | 'augmentations' | 'cutMix' | 'precision'> & {
    optimiser: Sgd;
    count: number;
    size: number;
    random: RandomStream;
  } & LongTask,
): Promise<void> {
  const { optimiser, count, size, random, realBatch, cutMix, precision, signal } = options;
  const from = options.augmentations.filter((name) => name !== 'cutout');
  const images = real.dataset.labels.length;
  for (let done = 0; done < count; ) {
    const pass = Math.floor(done / images);
    const start = done % images;
    const order = random.child('order', pass).permutation(images);
    const chosen = order.subarray(start, start + Math.min(realBatch, count - done));
    if (done % (8 * realBatch) === 0) await breathe(signal);
    const drawn = random.child('step', done);
    const changes = drawChanges(drawn, { from, mode: 'several', size, count: chosen.length });
    const batch = {
      images: tf.tidy(() => applyChanges(real.take(chosen, 'normalised'), changes)),
      labels: real.labelsAt(chosen),
    };
    const mixed = drawn.uniform() < cutMix;
    withPrecision(precision, () =>
      mixed ? cutMixStep(network, optimiser, batch, drawn) : trainStep(network, optimiser, batch),
    );
    done += chosen.length;
  }
}
