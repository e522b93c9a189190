/** Labelled images as TensorFlow takes them, resident in memory. */
import { breathe, type LongTask, type Tensor, tf } from '../engine';
import { type ImageDataset, loadImages, resizePixels } from '../datasets';
import type { DistilledSet } from '../methods';

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
}

/** Bytes 0 … 255 → normalised float32. */
export function normalise(pixels: Uint8Array, shape: readonly number[], { mean, deviation }: Normalisation): Tensor {
  return tf.tidy(() => {
    const values = tf.div(tf.cast(tf.tensor(pixels, shape as number[], 'int32'), 'float32'), 255);
    return tf.div(tf.sub(values, tf.tensor1d([...mean])), tf.tensor1d([...deviation]));
  });
}

export interface LoadOptions extends LongTask {
  /** Side of the images the networks see, pixels. Default the dataset's. */
  size?: number;
  normalisation?: Normalisation;
}

/** All images of a dataset, resized if asked. */
export async function loadLabelled(dataset: ImageDataset, options: LoadOptions = {}): Promise<LabelledImages> {
  const { size = dataset.size, normalisation = imageNetNormalisation, ...task } = options;
  const { pixels, labels } = await loadImages(dataset, task);
  const side = dataset.size;
  const bytes = size === side ? pixels : await resizeAll(pixels, labels.length, side, size, task);
  return {
    images: normalise(bytes, [labels.length, size, size, 3], normalisation),
    labels,
    size,
    classes: dataset.classes,
  };
}

/** All images of a distilled set, resized if asked. */
export async function loadDistilled(set: DistilledSet, options: LoadOptions = {}): Promise<LabelledImages> {
  const { size = set.size, normalisation = imageNetNormalisation } = options;
  const bytes = new Uint8Array(set.images.length * size * size * 3);
  for (const [i, { pixels }] of set.images.entries()) {
    bytes.set((await resizePixels(pixels, size, size)).data, i * size * size * 3);
  }
  const labels = Int32Array.from(set.images, ({ label }) => label);
  return {
    images: normalise(bytes, [labels.length, size, size, 3], normalisation),
    labels,
    size,
    classes: set.classes,
  };
}

async function resizeAll(
  pixels: Uint8Array,
  count: number,
  side: number,
  size: number,
  { signal }: LongTask,
): Promise<Uint8Array> {
  const resized = new Uint8Array(count * size * size * 3);
  const one = side * side * 3;
  for (let i = 0; i < count; i++) {
    if (i % 256 === 0) await breathe(signal);
    const image = { data: pixels.subarray(i * one, (i + 1) * one), height: side, width: side };
    resized.set((await resizePixels(image, size, size)).data, i * size * size * 3);
  }
  return resized;
}
