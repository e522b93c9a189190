/** The real images that a set is learned from, in memory, by class. */
import { type ImageDataset, imagesToTensor, type Pixels } from '../../datasets';
import { breathe, type LongTask, type RandomStream, type Tensor, tf } from '../../engine';
import { imagesByClass } from '../compose';
import { asDistilled, wholeImage } from '../coresets/whole-images';

/** Mean and deviation of each channel, of values 0 … 1. */
export interface ChannelStatistics {
  mean: readonly [number, number, number];
  deviation: readonly [number, number, number];
}

/** Images of one size, held as bytes. */
export class RealImages {
  /** Positions of each class's images. */
  readonly byClass: readonly (readonly number[])[];
  /** Mean and deviation over all pixels of all images, for normalisation. */
  readonly statistics: ChannelStatistics;

  private constructor(
    readonly dataset: Pick<ImageDataset, 'name' | 'fingerprint' | 'classes' | 'labels'>,
    /** Side of an image, pixels. */
    readonly size: number,
    private readonly pixels: readonly Pixels[],
  ) {
    this.byClass = imagesByClass(dataset as ImageDataset);
    this.statistics = channelStatistics(pixels);
  }

  /** Reads every image: its centre square, resized to `size` pixels. @throws when a class has no image */
  static async load(
    dataset: ImageDataset,
    { size, signal, onProgress }: { size: number } & LongTask,
  ): Promise<RealImages> {
    const pixels: Pixels[] = [];
    for (const [image, label] of dataset.labels.entries()) {
      if (image % 16 === 0) await breathe(signal);
      pixels.push(...(await asDistilled(dataset, [await wholeImage(dataset, image)], { label, size })));
      onProgress?.({ label: `Reading ${dataset.name}`, done: image + 1, total: dataset.labels.length });
    }
    const real = new RealImages(dataset, size, pixels);
    const empty = real.byClass.findIndex((positions) => positions.length === 0);
    if (empty >= 0) throw new Error(`Expected images of every class, got none of '${dataset.classes[empty]}'.`);
    return real;
  }

  /** The images at these positions, [n,S,S,3]: values 0 … 1, or normalised. */
  take(positions: ArrayLike<number>, values: 'normalised' | 'unit'): Tensor {
    return tf.tidy(() => {
      const chosen = Array.from(positions, (position) => this.pixels[position]!);
      const images = imagesToTensor(chosen, { range: [0, 1] });
      return values === 'unit' ? images : normalise(images, this.statistics);
    });
  }

  /** Up to `count` different positions of a class at random. */
  draw(random: RandomStream, label: number, count: number): number[] {
    const positions = this.byClass[label]!;
    return Array.from(random.permutation(positions.length).subarray(0, count), (k) => positions[k]!);
  }

  /** Up to `count` different positions of all classes at random. */
  drawOfAll(random: RandomStream, count: number): Int32Array {
    return random.permutation(this.pixels.length).subarray(0, count);
  }

  /** Labels at these positions, int32 [n]. */
  labelsAt(positions: ArrayLike<number>): Tensor {
    return tf.tensor1d(
      Array.from(positions, (position) => this.dataset.labels[position]!),
      'int32',
    );
  }
}

/** (value − mean) / deviation, by channel. */
export const normalise = (images: Tensor, { mean, deviation }: ChannelStatistics): Tensor =>
  tf.tidy(() => tf.div(tf.sub(images, tf.tensor1d([...mean])), tf.tensor1d([...deviation])));

/** The inverse of normalise. */
export const denormalise = (images: Tensor, { mean, deviation }: ChannelStatistics): Tensor =>
  tf.tidy(() => tf.add(tf.mul(images, tf.tensor1d([...deviation])), tf.tensor1d([...mean])));

function channelStatistics(images: readonly Pixels[]): ChannelStatistics {
  const [sums, squares] = [
    [0, 0, 0],
    [0, 0, 0],
  ];
  let count = 0;
  for (const { data } of images) {
    count += data.length / 3;
    for (const [i, byte] of data.entries()) {
      sums[i % 3]! += byte / 255;
      squares[i % 3]! += (byte / 255) ** 2;
    }
  }
  const mean = sums.map((sum) => sum / count);
  // A constant channel only has its mean subtracted.
  const deviation = squares.map((square, c) => Math.sqrt(square / count - mean[c]! ** 2) || 1);
  return { mean, deviation } as unknown as ChannelStatistics;
}
