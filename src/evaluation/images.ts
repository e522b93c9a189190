/** Labelled images as TensorFlow takes them, resident in memory. */
import { crop, type ImageDataset, type Pixels, resizePixels, streamImages } from '../datasets';
import { type LongTask, type Tensor, tf } from '../engine';
import { type DistilledSet, distilledDataset } from '../methods';

/** Mean and deviation of each channel, of values 0 … 1. */
export interface Normalisation {
  mean: readonly [number, number, number];
  deviation: readonly [number, number, number];
}

/** ImageNet's, which RDED's protocol uses on every set. */
export const imageNetNormalisation: Normalisation = {
  mean: [0.485, 0.456, 0.406],
  deviation: [0.229, 0.224, 0.225],
};

/** Images [N,size,size,3] normalised, and a label each. The caller disposes. */
export interface LabelledImages {
  images: Tensor;
  labels: Int32Array;
  size: number;
  classes: readonly string[];
  /** By which the images were normalised. */
  normalisation: Normalisation;
}

/** Bytes 0 … 255 → normalised float32. */
export function normalise(pixels: Uint8Array, shape: readonly number[], { mean, deviation }: Normalisation): Tensor {
  // By table, as whole datasets pass here: a tensor of integers first would take three times the memory.
  const table = mean.map((m, c) => Float32Array.from({ length: 256 }, (_, byte) => (byte / 255 - m) / deviation[c]!));
  const [red, green, blue] = table as [Float32Array, Float32Array, Float32Array];
  const values = new Float32Array(pixels.length);
  for (let i = 0; i < pixels.length; i += 3) {
    values[i] = red[pixels[i]!]!;
    values[i + 1] = green[pixels[i + 1]!]!;
    values[i + 2] = blue[pixels[i + 2]!]!;
  }
  return tf.tensor(values, shape as number[], 'float32');
}

export interface LoadOptions extends LongTask {
  /** Side of the images the networks see, pixels. Default the dataset's. */
  size?: number;
  normalisation?: Normalisation;
  /**
   * 'whole': the image at that size. 'centre': to ⌊size/7⌋·8 pixels first (32 → 32, 64 → 72, 224 → 256), then the square
   * in the centre, as RDED prepares test images. @default 'whole'
   */
  preparation?: 'whole' | 'centre';
}

/** All images of a dataset, resized if asked. */
export async function loadLabelled(dataset: ImageDataset, options: LoadOptions = {}): Promise<LabelledImages> {
  const { size = dataset.size, normalisation = imageNetNormalisation, preparation = 'whole' } = options;
  const { labels, classes } = dataset;
  const side = preparation === 'centre' ? Math.max(size, Math.floor(size / 7) * 8) : size;
  const bytes = new Uint8Array(labels.length * size * size * 3);
  for await (const { pixels, index } of streamImages(dataset, { ...options, prefetch: 128 })) {
    bytes.set(centre(await resizePixels(pixels, side, side), size).data, index * size * size * 3);
  }
  return {
    images: normalise(bytes, [labels.length, size, size, 3], normalisation),
    labels,
    size,
    classes,
    normalisation,
  };
}

/** All images of a distilled set, resized if asked. */
export async function loadDistilled(set: DistilledSet, options: LoadOptions = {}): Promise<LabelledImages> {
  return loadLabelled(distilledDataset(set), options);
}

function centre(pixels: Pixels, size: number): Pixels {
  if (pixels.height === size) return pixels;
  const margin = Math.round((pixels.height - size) / 2);
  return crop(pixels, { top: margin, left: margin, height: size, width: size });
}
