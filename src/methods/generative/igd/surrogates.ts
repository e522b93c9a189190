/** IGD's surrogate: a small classifier of the real images, with a checkpoint wherever its gradients have turned. */
import { z } from 'zod';
import {
  centreSquare,
  crop,
  type ImageDataset,
  imagesToTensor,
  type Pixels,
  resizePixels,
  streamImages,
} from '../../../datasets';
import {
  breathe,
  constantRate,
  type LongTask,
  type NamedGradients,
  RandomStream,
  Sgd,
  softmaxCrossEntropy,
  type Tensor,
  tf,
} from '../../../engine';
import { ConvNet, type StoredTensor, trainModule } from '../../../models';
import { readSettings } from '../../read-settings';
import { type GenerativePrior, imageSizeOf, requireClassesOf } from '../conditioned-prior';
import { gradientCosine, meanWeightGradient } from './influence';

/** The surrogate and its training: ConvNet-6 for 50 epochs, by IDC's batch, rate and decay. */
export const surrogateSettings = z.object({
  /** Epochs; the weights after each may become a checkpoint. */
  epochs: z.int().min(1).default(50),
  /** Blocks; 6 for images of 256 pixels. */
  depth: z.int().min(1).default(6),
  /** Channels of each block. */
  width: z.int().min(1).default(128),
  batch: z.int().min(1).default(64),
  learningRate: z.number().positive().default(0.01),
  /** A checkpoint is kept whenever the cosine of its gradients with those of the last kept one is below this. */
  turn: z.number().max(1).default(0.7),
  /** Most real images per class for the gradients. */
  gradientImages: z.int().min(1).default(200),
  /** Of its weights and batches. One surrogate serves the sets of every seed, as in the released scripts. */
  seed: z.int().default(0),
});

export interface SurrogateOptions extends z.output<typeof surrogateSettings>, LongTask {
  /** Side of its input images, pixels. */
  size: number;
}

/** Weights of a surrogate at some point of its training, by name. */
export type SurrogateWeights = Readonly<Record<string, StoredTensor>>;

/** Images per batch of a gradient, as released. */
const GRADIENT_BATCH = 50;

/** Real images as the surrogates take them, in bytes: as floats they would take four times the memory. */
export type RealImages = { images: readonly Pixels[]; labels: Int32Array };

/** Reads the centre squares of a dataset's images. */
export async function realImages(
  dataset: ImageDataset,
  size: number,
  { signal }: Pick<LongTask, 'signal'>,
): Promise<RealImages> {
  const images: Pixels[] = [];
  for await (const image of streamImages(dataset, { signal })) {
    images.push(await resizePixels(crop(image.pixels, centreSquare(image.pixels)), size, size));
  }
  return { images, labels: dataset.labels };
}

/** Some of the images: [N,size,size,3] in -1 … 1, in the order of their places. */
const batchOf = ({ images }: RealImages, places: ArrayLike<number>): Tensor =>
  imagesToTensor(Array.from(places, (i) => images[i]!));

/** Batches of a class's first images, at most `most` of them. The caller's to dispose. */
export function classBatches(real: RealImages, label: number, most: number): Tensor[] {
  const chosen = [...real.labels.keys()].filter((i) => real.labels[i] === label).slice(0, most);
  return Array.from({ length: Math.ceil(chosen.length / GRADIENT_BATCH) }, (_, k) =>
    batchOf(real, chosen.slice(k * GRADIENT_BATCH, (k + 1) * GRADIENT_BATCH)),
  );
}

/**
 * Trains a ConvNet with instance norm (SGD, momentum 0.9, constant rate, mirrored images). Keeps a checkpoint after the
 * first epoch and after each turn of the gradients.
 *
 * Simplified: the authors choose these points by hand from the same cosines, and augment by crops and colours too.
 * @returns the weights at these points, at least once
 */
export async function trainSurrogates(
  real: RealImages,
  classes: number,
  options: SurrogateOptions,
): Promise<SurrogateWeights[]> {
  const { epochs, batch, learningRate, seed, signal, onProgress } = options;
  const network = new ConvNet(shapeOf(classes, options), { seed });
  const count = real.labels.length;
  const perEpoch = Math.max(1, Math.floor(count / batch));
  const kept: SurrogateWeights[] = [];
  let last: NamedGradients[] = [];
  try {
    await trainModule(network, {
      label: 'IGD surrogate',
      steps: epochs * perEpoch,
      learningRate,
      schedule: constantRate(learningRate),
      optimiser: (variables) => new Sgd(variables, { learningRate, momentum: 0.9, weightDecay: 5e-4 }),
      loss(step) {
        const [epoch, place] = [Math.floor(step / perEpoch), step % perEpoch];
        const order = new RandomStream(seed, 'surrogate order', epoch).permutation(count);
        const chosen = order.subarray(place * batch, (place + 1) * batch);
        const images = batchOf(real, chosen);
        const mirrored = new RandomStream(seed, 'surrogate mirror', step).uniform() < 0.5;
        const right = tf.tensor1d(
          Int32Array.from(chosen, (i) => real.labels[i]!),
          'int32',
        );
        return softmaxCrossEntropy(network.forward(mirrored ? tf.reverse(images, 2) : images), right);
      },
      async afterStep(done) {
        if (done % perEpoch !== 0) return;
        network.eval();
        const now = await classGradients(network, real, classes, options);
        if (last.length > 0 && meanCosine(last, now) >= options.turn) tf.dispose(now);
        else {
          tf.dispose(last);
          last = now;
          kept.push(Object.fromEntries(await network.stateDict()));
        }
        network.train();
      },
      signal,
      onProgress,
    });
    return kept;
  } finally {
    tf.dispose(last);
    network.dispose();
  }
}

/**
 * The surrogates of a dataset, at the prior's own image size: the same for sets of every seed and number of images.
 * @throws {UnknownClassError} when the prior doesn't know a class; an Error where a setting is none of the surrogate's, or
 *   the images are too small for its depth
 */
export async function igdSurrogates(
  dataset: ImageDataset,
  { prior, signal, onProgress, ...given }: z.input<typeof surrogateSettings> & LongTask & { prior: GenerativePrior },
): Promise<SurrogateWeights[]> {
  const settings = readSettings(surrogateSettings, given, 'IGD surrogate');
  requireClassesOf(prior, dataset.classes);
  const size = imageSizeOf(prior);
  const real = await realImages(dataset, size, { signal });
  return trainSurrogates(real, dataset.classes.length, { ...settings, size, signal, onProgress });
}

async function classGradients(
  network: ConvNet,
  real: RealImages,
  classes: number,
  { gradientImages, signal }: SurrogateOptions,
): Promise<NamedGradients[]> {
  const gradients: NamedGradients[] = [];
  for (let label = 0; label < classes; label++) {
    await breathe(signal);
    const batches = classBatches(real, label, gradientImages);
    gradients.push(await meanWeightGradient(network, batches, label, { signal }));
    tf.dispose(batches);
  }
  return gradients;
}

const meanCosine = (a: readonly NamedGradients[], b: readonly NamedGradients[]): number =>
  a.reduce((sum, gradient, label) => sum + gradientCosine(gradient, b[label]!), 0) / a.length;

const shapeOf = (classes: number, { size, depth, width }: Pick<SurrogateOptions, 'size' | 'depth' | 'width'>) =>
  ({ classes, size, depth, width, norm: 'instance' }) as const;

/** The surrogate with these weights, in evaluation mode; the caller's to dispose. @throws where they are another network's */
export function openSurrogate(
  weights: SurrogateWeights,
  classes: number,
  options: Pick<SurrogateOptions, 'size' | 'depth' | 'width'>,
): ConvNet {
  const network = new ConvNet(shapeOf(classes, options));
  network.load({ keys: () => Object.keys(weights), get: (name) => weights[name] });
  return network.eval();
}
