/** Latents of training images: encoded once, with new samples of their posteriors drawn at every step. */
import {
  centreSquare,
  crop,
  type ImageDataset,
  imagesToTensor,
  type Pixels,
  resizePixels,
  streamImages,
} from '../../datasets';
import { breathe, type LongTask, type RandomStream, type Tensor, tf } from '../../engine';
import type { AutoencoderKL } from '../../models';
import type { NoisyBatch } from '../denoising-loss';
import type { NoiseSchedule } from '../schedules';
import type { LatentStack } from './denoiser';
import { drawIndices } from './images';

/** Posteriors of a dataset's images, in the dataset's order. */
export interface ImageLatents extends LatentStack {
  /** Content fingerprint of each image. */
  ids: readonly string[];
  /** The posteriors of the mirrored images, if they were encoded too. */
  mirrored: Pick<LatentStack, 'mean' | 'deviation'> | undefined;
}

export interface EncodeOptions extends LongTask {
  /** Encodes each image mirrored too. Default false. */
  mirror?: boolean;
  /** Side of the encoded square, pixels. Default the dataset's. */
  size?: number;
  /** Images per pass. Default 32. */
  batch?: number;
}

/** Encodes the central square of each image, resized to `size` pixels. Latents are scaled for the denoiser. */
export async function encodeDataset(
  vae: AutoencoderKL,
  dataset: ImageDataset,
  { mirror = false, size = dataset.size, batch = 32, signal, onProgress }: EncodeOptions = {},
): Promise<ImageLatents> {
  const count = dataset.labels.length;
  if (count === 0) throw new Error(`Expected at least one image in '${dataset.name}', got none.`);
  const plain = new PosteriorStack(vae, count);
  const mirrored = mirror ? new PosteriorStack(vae, count) : undefined;
  let pixels: Pixels[] = [];
  for await (const image of streamImages(dataset, { signal, prefetch: batch })) {
    pixels.push(await resizePixels(crop(image.pixels, centreSquare(image.pixels)), size, size));
    if (pixels.length < batch && image.index < count - 1) continue;
    await breathe(signal);
    tf.tidy(() => {
      const images = imagesToTensor(pixels);
      plain.add(images);
      mirrored?.add(tf.reverse(images, 2));
    });
    pixels = [];
    onProgress?.({ label: 'Encoding', done: image.index + 1, total: count });
  }
  return {
    ...plain.posteriors(),
    labels: dataset.labels,
    ids: Array.from({ length: count }, (_, i) => dataset.id(i)),
    mirrored: mirrored?.posteriors(),
  };
}

/** Collects means and standard deviations batch by batch. */
class PosteriorStack {
  private mean = new Float32Array(0);
  private deviation = new Float32Array(0);
  private shape: LatentStack['shape'];
  private done = 0;

  constructor(
    private readonly vae: AutoencoderKL,
    count: number,
  ) {
    this.shape = [count, 0, 0, 0];
  }

  add(images: Tensor): void {
    const { mean, logVariance } = this.vae.encode(images);
    const deviation = tf.mul(tf.exp(tf.mul(logVariance, 0.5)), this.vae.config.scaling_factor);
    const [, height, width, channels] = mean.shape as [number, number, number, number];
    const size = height * width * channels;
    if (this.done === 0) {
      const [count] = this.shape;
      this.shape = [count, height, width, channels];
      [this.mean, this.deviation] = [new Float32Array(count * size), new Float32Array(count * size)];
    }
    this.mean.set(this.vae.scale(mean).dataSync(), this.done * size);
    this.deviation.set(deviation.dataSync(), this.done * size);
    this.done += images.shape[0]!;
  }

  posteriors(): Pick<LatentStack, 'mean' | 'deviation' | 'shape'> {
    return { mean: this.mean, deviation: this.deviation, shape: this.shape };
  }
}

export interface BatchOptions {
  schedule: NoiseSchedule;
  /** The denoiser's class for each label. Default: the label itself. */
  classOf?: (label: number) => number;
  nullClass: number;
  /** Probability that an item sees the null class. */
  classDropout: number;
}

/** A batch for the denoising loss, with the images it was drawn from. */
export interface LatentBatch extends NoisyBatch {
  timesteps: Int32Array;
  /** Positions of the images in the stack. */
  indices: Int32Array;
  /** Labels before dropout. */
  labels: number[];
}

/** Draws latents of the images at `indices`, noise, timesteps (uniform over the schedule) and the class dropout. */
export function latentBatch(
  latents: LatentStack & { mirrored?: Pick<LatentStack, 'mean' | 'deviation'> | undefined },
  indices: Int32Array,
  stream: RandomStream,
  { schedule, classOf = (label) => label, nullClass, classDropout }: BatchOptions,
): LatentBatch {
  const [, height, width, channels] = latents.shape;
  const [size, shape] = [height * width * channels, [indices.length, height, width, channels]];
  const clean = stream.fillNormal(new Float32Array(indices.length * size));
  for (const [i, index] of indices.entries()) {
    const { mean, deviation } = latents.mirrored && stream.integer(2) === 1 ? latents.mirrored : latents;
    for (let j = 0; j < size; j++) {
      const at = index * size + j;
      clean[i * size + j] = mean[at]! + deviation[at]! * clean[i * size + j]!;
    }
  }
  const labels = Array.from(indices, (index) => latents.labels[index]!);
  const classes = labels.map((label) => (stream.uniform() < classDropout ? nullClass : classOf(label)));
  return {
    indices,
    labels,
    timesteps: drawIndices(stream, schedule.timesteps, indices.length),
    condition: tf.tensor1d(classes, 'int32'),
    clean: tf.tensor(clean, shape),
    noise: tf.tensor(stream.fillNormal(new Float32Array(clean.length)), shape),
  };
}
