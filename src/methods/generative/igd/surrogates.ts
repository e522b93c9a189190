/** IGD's surrogate: a small classifier of the real images, with a checkpoint wherever its gradients have turned. */
import { centreSquare, crop, type ImageDataset, imagesToTensor, resizePixels, streamImages } from '../../../datasets';
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
import { gradientCosine, meanWeightGradient } from './influence';

export interface SurrogateOptions extends LongTask {
  /** Side of its input images, pixels. */
  size: number;
  /** Epochs; the weights after each may become a checkpoint. */
  epochs: number;
  /** Blocks, and channels of each. */
  depth: number;
  width: number;
  batch: number;
  learningRate: number;
  /** A checkpoint is kept whenever the cosine of its gradients with those of the last kept one is below this. */
  turn: number;
  /** Most real images per class for its gradients. */
  gradientImages: number;
  seed: number;
}

/** Images per batch of a gradient, as released. */
const GRADIENT_BATCH = 50;

/** Real images as the surrogates take them: [N,size,size,3] in -1 … 1. */
export type RealImages = { images: Tensor; labels: Int32Array };

/** Reads the centre squares of a dataset's images. The caller disposes the images. */
export async function realImages(
  dataset: ImageDataset,
  size: number,
  { signal }: Pick<LongTask, 'signal'>,
): Promise<RealImages> {
  const pixels = [];
  for await (const image of streamImages(dataset, { signal })) {
    pixels.push(await resizePixels(crop(image.pixels, centreSquare(image.pixels)), size, size));
  }
  return { images: imagesToTensor(pixels), labels: dataset.labels };
}

/** Batches of a class's first images, at most `most` of them. The caller's to dispose. */
export function classBatches({ images, labels }: RealImages, label: number, most: number): Tensor[] {
  const chosen = [...labels.keys()].filter((i) => labels[i] === label).slice(0, most);
  return Array.from({ length: Math.ceil(chosen.length / GRADIENT_BATCH) }, (_, k) =>
    tf.tidy(() => tf.gather(images, tf.tensor1d(chosen.slice(k * GRADIENT_BATCH, (k + 1) * GRADIENT_BATCH), 'int32'))),
  );
}

/**
 * Trains a ConvNet with instance norm (SGD, momentum 0.9, constant rate, mirrored images). Keeps a checkpoint after the
 * first epoch and after each turn of the gradients.
 *
 * Simplified: the authors choose these points by hand from the same cosines, and augment by crops and colours too.
 * @returns networks in evaluation mode, at least one, the caller's to dispose
 */
export async function trainSurrogates(
  real: RealImages,
  classes: number,
  options: SurrogateOptions,
): Promise<ConvNet[]> {
  const { size, epochs, depth, width, batch, learningRate, seed, signal, onProgress } = options;
  const shape = { classes, size, depth, width, norm: 'instance' } as const;
  const network = new ConvNet(shape, { seed });
  const count = real.labels.length;
  const perEpoch = Math.max(1, Math.floor(count / batch));
  const kept: ConvNet[] = [];
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
        const images = tf.gather(real.images, tf.tensor1d(chosen, 'int32'));
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
          kept.push(await copyOf(network, shape));
        }
        network.train();
      },
      signal,
      onProgress,
    });
    return kept;
  } catch (error) {
    for (const one of kept) one.dispose();
    throw error;
  } finally {
    tf.dispose(last);
    network.dispose();
  }
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

async function copyOf(network: ConvNet, shape: ConstructorParameters<typeof ConvNet>[0]): Promise<ConvNet> {
  const state: Map<string, StoredTensor> = await network.stateDict();
  const copy = new ConvNet(shape);
  copy.load({ keys: () => state.keys(), get: (name) => state.get(name) });
  return copy.eval();
}
