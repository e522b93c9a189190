/** GLaD (Cazenavette et al., CVPR 2023) with DM's loss: the latents of a generator are learned in place of pixels. */
import { z } from 'zod';
import type { ImageDataset } from '../../datasets';
import {
  breathe,
  type LongTask,
  lossAndGradients,
  precisions,
  RandomStream,
  type Tensor,
  tf,
  type Variable,
  withPrecision,
} from '../../engine';
import type { AutoencoderKL } from '../../models';
import type { DistilledSet } from '../distilled-set';
import { readSettings } from '../read-settings';
import { featureDistance } from './dm';
import { firstPositions, learnSet } from './learned-images';
import type { LearningCheckpoint } from './learning-loop';
import { matchingNetwork, matchingNetworkSchema } from './matching-network';
import { normalise, type RealImages } from './real-images';
import { augmentationSchema, drawChanges } from './siamese';

/** What determines the set, apart from the prior. Defaults as in the released code (main_DM.py). */
export const gladSettings = z.object({
  imagesPerClass: z.int().min(1),
  /** Side of a distilled image, pixels; the autoencoder must be able to halve it. Default the dataset's. */
  size: z.int().min(1).optional(),
  /** Updates of the latents, each with a freshly initialised network. */
  steps: z.int().min(1).default(1000),
  /** Real images of a class per step. */
  realBatch: z.int().min(1).default(256),
  /** Learning rate of SGD on the latents. The released code's is for features inside StyleGAN-XL. */
  learningRate: z.number().positive().default(10),
  momentum: z.number().min(0).max(1).default(0.5),
  /** Encoded random real images of the class, or standard normal noise. */
  initial: z.enum(['real', 'noise']).default('real'),
  /** Images that pass through the decoder at once: it bounds the memory. */
  batch: z.int().min(1).default(10),
  augmentations: augmentationSchema,
  network: matchingNetworkSchema.prefault({}),
  /** Precision of products in the networks and the decoder, while it learns; 'bfloat16' is faster where the processor has tiles for it. */
  precision: z.enum(precisions).default('float32'),
  seed: z.int().default(0),
});

export type GladOptions = z.input<typeof gladSettings> & {
  /** Its autoencoder is the generator. */
  prior: { vae: AutoencoderKL };
  checkpoint?: LearningCheckpoint;
} & LongTask;

/**
 * Generative latent distillation. As in `distributionMatching`, but the images are decoded from latents, and the latents
 * take the SGD step.
 *
 * Two simplifications. The generator is the decoder of a latent diffusion prior, where the paper has StyleGAN-XL and
 * learns features of one of its layers and style vectors. Latents start from encoded real images, where the paper's
 * start from images that StyleGAN draws of the class.
 * @example const set = await glad(dataset, { prior, imagesPerClass: 10 });
 * @throws when a class has too few images to start from, or the autoencoder can't halve the size often enough
 */
export async function glad(
  dataset: ImageDataset,
  { prior: { vae }, checkpoint, signal, onProgress, ...options }: GladOptions,
): Promise<DistilledSet> {
  const { size = dataset.size, imagesPerClass, ...settings } = readSettings(gladSettings, options, 'GLaD');
  const { steps, realBatch, seed, augmentations, network: which, precision, batch } = settings;
  if (size % vae.downscale !== 0) {
    throw new Error(
      `Expected a size that the autoencoder can divide by ${vae.downscale}, got ${size}. Set \`size\` to a multiple.`,
    );
  }
  const method = 'GLaD';
  const decode = (latents: Tensor): Tensor => decoded(vae, latents);
  const learned = {
    ...settings,
    method,
    imagesPerClass,
    values: 'unit',
    size,
    first: (real: RealImages) => firstLatents(vae, real, { method, imagesPerClass, ...settings }),
    signal,
    onProgress,
  } as const;
  return learnSet(dataset, learned, async (latents, real) => {
    const labels = [...dataset.classes.keys()];
    await latents.learn({ steps, checkpoint, signal, onProgress }, async (step) => {
      const network = matchingNetwork(which, { classes: labels.length, size, seed, path: `GLaD ${step}` });
      const gradients: Tensor[] = [];
      let total = 0;
      try {
        for (const label of labels) {
          await breathe(signal);
          const random = new RandomStream(seed, method, step, label);
          const taken = real.take(real.draw(random, label, realBatch), 'normalised');
          const changes = drawChanges(random.child('augmentation'), { from: augmentations, mode: 'one', size });
          const ofClass = latents.ofClass(label);
          const lossOf = (images: Tensor): Tensor =>
            featureDistance(network, { real: taken, synthetic: normalise(images, real.statistics), changes });
          const { loss, gradient } = withPrecision(precision, () => lossThrough(decode, ofClass, { batch }, lossOf));
          tf.dispose([taken, ofClass]);
          gradients.push(gradient);
          total += loss;
        }
        latents.apply(tf.concat(gradients, 0));
      } finally {
        tf.dispose(gradients);
        network.dispose();
      }
      return total;
    });
    return latents.asSet(settings, (final) => inParts(decode, final, batch));
  });
}

/** Latents of the denoiser's scale → images of 0 … 1, and a little beyond: not clipped, as then nothing would be learned. */
const decoded = (vae: AutoencoderKL, latents: Tensor): Tensor =>
  tf.tidy(() => tf.div(tf.add(vae.decode(vae.unscale(latents)), 1), 2));

interface FirstLatents {
  method: string;
  imagesPerClass: number;
  initial: 'real' | 'noise';
  batch: number;
  seed: number;
}

/** The latents to start from, in label order. */
function firstLatents(
  vae: AutoencoderKL,
  real: RealImages,
  { method, imagesPerClass, initial, batch, seed }: FirstLatents,
): Tensor {
  if (initial === 'noise') {
    const side = real.size / vae.downscale;
    const shape = [real.dataset.classes.length * imagesPerClass, side, side, vae.config.latent_channels];
    const count = shape.reduce((product, length) => product * length);
    return tf.tensor(new RandomStream(seed, method, 'noise').fillNormal(new Float32Array(count)), shape);
  }
  return tf.tidy(() => {
    const images = real.take(firstPositions(real, { method, imagesPerClass, seed }), 'unit');
    return inParts((some) => vae.scale(vae.encode(tf.sub(tf.mul(some, 2), 1)).mean), images, batch);
  });
}

/** Applies a function to some items at a time. */
function inParts(of: (some: Tensor) => Tensor, items: Tensor, batch: number): Tensor {
  return tf.tidy(() => tf.concat(partsOf(items, batch).map((some) => tf.tidy(() => of(some)))));
}

/** The items in parts of `batch`; the last may be smaller. */
function partsOf(items: Tensor, batch: number): Tensor[] {
  const [count, ...shape] = items.shape as [number, ...number[]];
  const rest = shape.map(() => 0);
  return Array.from({ length: Math.ceil(count / batch) }, (_, part) => {
    const start = part * batch;
    return tf.slice(items, [start, ...rest], [Math.min(batch, count - start), ...shape]);
  });
}

/**
 * Loss of generated images, and its gradient at the latents. The loss sees all images, the generator's gradient `batch`
 * of them at a time, so that a large generator's activations fit in memory.
 */
export function lossThrough(
  generate: (latents: Tensor) => Tensor,
  latents: Tensor,
  { batch }: { batch: number },
  lossOf: (images: Tensor) => Tensor,
): { loss: number; gradient: Tensor } {
  const images = tf.tidy(() => tf.variable(inParts(generate, latents, batch))) as Variable;
  const { loss, gradients } = lossAndGradients({ images }, () => lossOf(images));
  images.dispose();
  const value = loss.dataSync()[0]!;
  loss.dispose();
  const atImages = gradients.images!;
  const gradient = tf.tidy(() => {
    const wanted = partsOf(atImages, batch);
    return tf.concat(partsOf(latents, batch).map((some, part) => pulledBack(generate, some, wanted[part]!)));
  });
  atImages.dispose();
  return { loss: value, gradient };
}

/** The gradient at the latents, of the gradient at their images. */
function pulledBack(generate: (latents: Tensor) => Tensor, some: Tensor, atImages: Tensor): Tensor {
  const latents = tf.variable(some) as Variable;
  const { loss, gradients } = lossAndGradients({ latents }, () => tf.sum(tf.mul(generate(latents), atImages)));
  tf.dispose([latents, loss]);
  return gradients.latents!;
}
