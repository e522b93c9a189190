/** Labelled, normalised images in batches, kept in memory or read from their dataset each time. */
import { crop, type ImageDataset, type Pixels, resizePixels, streamImages } from '../datasets';
import { breathe, type LongTask, type Tensor, tf } from '../engine';
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

/** Labelled images [N,size,size,3] for testing networks. No tensor outlives its batch. */
export interface LabelledImages {
  /** The dataset's name. */
  readonly name: string;
  readonly labels: Int32Array;
  readonly classes: readonly string[];
  /** Side of an image, pixels. */
  readonly size: number;
  /** Mean and deviation for normalising the images. */
  readonly normalisation: Normalisation;
  /** All images in order, `count` at a time, float32 [count,size,size,3]. Each tensor is freed when the next is asked for. */
  batches(count: number, task?: LongTask): AsyncGenerator<{ images: Tensor; start: number }, void, undefined>;
}

export interface LoadOptions extends LongTask {
  /** Side of the networks' images, pixels. Default: the dataset's. */
  size?: number;
  /** @default ImageNet's */
  normalisation?: Normalisation;
  /**
   * 'whole': resize the short side to that size, then take the centre square. 'centre': first resize the short side to
   * ⌊size/7⌋·8 pixels (32 → 32, 64 → 72, 224 → 256), as RDED prepares test images. @default 'whole'
   */
  preparation?: 'whole' | 'centre';
}

/** Sets of up to so many values are stored normalised; larger ones as bytes, which take a quarter of the memory. */
const KEPT_VALUES = 2 ** 24;

export interface ResidentOptions extends Pick<LabelledImages, 'labels' | 'classes' | 'size'> {
  /** RGB 0 … 255 of all images, N · size · size · 3, or an array per image: a single one holds 4 GiB at most. */
  pixels: Uint8Array | readonly Uint8Array[];
  /** @default 'images' */
  name?: string;
  /** @default ImageNet's */
  normalisation?: Normalisation;
}

/** Labelled images in memory, for training. Held in JavaScript arrays, so there is nothing to free. */
export class ResidentImages implements LabelledImages {
  readonly name: string;
  readonly labels: Int32Array;
  readonly classes: readonly string[];
  readonly size: number;
  readonly normalisation: Normalisation;
  /** Normalised, or bytes of each image. */
  private readonly values: Float32Array | readonly Uint8Array[];
  private readonly table: readonly [Float32Array, Float32Array, Float32Array];

  /** @throws when labels and images differ in number, or a label isn't a class. */
  constructor({
    pixels,
    labels,
    classes,
    size,
    name = 'images',
    normalisation = imageNetNormalisation,
  }: ResidentOptions) {
    const one = size * size * 3;
    const images = pixels instanceof Uint8Array ? inRows(pixels, one) : pixels;
    if (images.length !== labels.length || images.some(({ length }) => length !== one)) {
      const bytes = images.reduce((sum, { length }) => sum + length, 0);
      throw new Error(
        `Expected ${labels.length} images of ${size} × ${size} × 3 bytes, one per label, got ${bytes} bytes.`,
      );
    }
    const stray = labels.find((label) => !(label >= 0 && label < classes.length));
    if (stray !== undefined) {
      throw new Error(
        `Expected labels of '${name}' in 0 … ${classes.length - 1}, got ${stray}. Give it its class list.`,
      );
    }
    this.name = name;
    this.labels = labels;
    this.classes = classes;
    this.size = size;
    this.normalisation = normalisation;
    this.table = normalisationTable(normalisation);
    this.values = labels.length * one <= KEPT_VALUES ? this.normalised(joined(images, one)) : images;
  }

  /** The images at `positions`, float32 [n,size,size,3]. */
  take(positions: ArrayLike<number>): Tensor {
    const { size, values } = this;
    const one = size * size * 3;
    let floats: Float32Array;
    if (values instanceof Float32Array) {
      floats = new Float32Array(positions.length * one);
      for (let k = 0; k < positions.length; k++) {
        floats.set(values.subarray(positions[k]! * one, (positions[k]! + 1) * one), k * one);
      }
    } else {
      const taken = Array.from(positions, (position) => values[position]!);
      floats = this.normalised(joined(taken, one));
    }
    return tf.tensor4d(floats, [positions.length, size, size, 3]);
  }

  async *batches(count: number, { signal }: LongTask = {}): ReturnType<LabelledImages['batches']> {
    for (let start = 0; start < this.labels.length; start += count) {
      await breathe(signal);
      const length = Math.min(count, this.labels.length - start);
      const images = this.take(Array.from({ length }, (_, k) => start + k));
      try {
        yield { images, start };
      } finally {
        images.dispose();
      }
    }
  }

  private normalised(pixels: Uint8Array): Float32Array {
    return normaliseBytes(pixels, this.table);
  }
}

/** Bytes of `one` image each; the last row holds what is left. */
const inRows = (pixels: Uint8Array, one: number): Uint8Array[] =>
  Array.from({ length: Math.ceil(pixels.length / one) }, (_, k) => pixels.subarray(k * one, (k + 1) * one));

function joined(images: readonly Uint8Array[], one: number): Uint8Array {
  const bytes = new Uint8Array(images.length * one);
  for (const [k, image] of images.entries()) bytes.set(image, k * one);
  return bytes;
}

/** Images read from their dataset each time, one batch in memory: ImageNet's 50,000 test images would take 7.5 GB. */
class StreamedImages implements LabelledImages {
  readonly name: string;
  readonly labels: Int32Array;
  readonly classes: readonly string[];

  constructor(
    private readonly dataset: ImageDataset,
    readonly size: number,
    readonly normalisation: Normalisation,
    private readonly prepare: (pixels: Pixels) => Promise<Pixels>,
  ) {
    ({ name: this.name, labels: this.labels, classes: this.classes } = dataset);
  }

  async *batches(count: number, { signal }: LongTask = {}): ReturnType<LabelledImages['batches']> {
    const { dataset, size, labels } = this;
    const table = normalisationTable(this.normalisation);
    const one = size * size * 3;
    let bytes = new Uint8Array(0);
    for await (const { pixels, index } of streamImages(dataset, { signal, prefetch: 128 })) {
      const place = index % count;
      if (place === 0) bytes = new Uint8Array(Math.min(count, labels.length - index) * one);
      bytes.set((await this.prepare(pixels)).data, place * one);
      if ((place + 1) * one < bytes.length) continue;
      const images = tf.tensor4d(normaliseBytes(bytes, table), [place + 1, size, size, 3]);
      try {
        yield { images, start: index - place };
      } finally {
        images.dispose();
      }
    }
  }
}

/** All images of a dataset in memory, resized if asked. */
export async function loadLabelled(dataset: ImageDataset, options: LoadOptions = {}): Promise<ResidentImages> {
  const { size = dataset.size, normalisation = imageNetNormalisation, preparation = 'whole', ...task } = options;
  const { labels, classes, name } = dataset;
  const prepare = preparationOf(preparation, size);
  const pixels: Uint8Array[] = [];
  for await (const { pixels: image, index } of streamImages(dataset, { ...task, prefetch: 128 })) {
    pixels[index] = (await prepare(image)).data;
  }
  return new ResidentImages({ pixels, labels, classes, size, name, normalisation });
}

/** All images of a distilled set in memory, resized if asked. */
export async function loadDistilled(set: DistilledSet, options: LoadOptions = {}): Promise<ResidentImages> {
  return loadLabelled(distilledDataset(set), options);
}

export interface OpenOptions extends LoadOptions {
  /** Above this size the images are read again for each test, one batch in memory. @default 1 GiB */
  residentBytes?: number;
}

/** Test images: in memory if they fit, else read each time. */
export async function openLabelled(dataset: ImageDataset, options: OpenOptions = {}): Promise<LabelledImages> {
  const { size = dataset.size, normalisation = imageNetNormalisation, preparation = 'whole' } = options;
  const { residentBytes = 2 ** 30 } = options;
  if (dataset.labels.length * size * size * 3 <= residentBytes) return loadLabelled(dataset, options);
  return new StreamedImages(dataset, size, normalisation, preparationOf(preparation, size));
}

type Table = readonly [Float32Array, Float32Array, Float32Array];

/** Lookup table from byte to normalised value, per channel. */
const normalisationTable = ({ mean, deviation }: Normalisation): Table =>
  mean.map((m, c) => Float32Array.from({ length: 256 }, (_, byte) => (byte / 255 - m) / deviation[c]!)) as never;

function normaliseBytes(pixels: Uint8Array, [red, green, blue]: Table): Float32Array {
  const values = new Float32Array(pixels.length);
  for (let i = 0; i < pixels.length; i += 3) {
    values[i] = red[pixels[i]!]!;
    values[i + 1] = green[pixels[i + 1]!]!;
    values[i + 2] = blue[pixels[i + 2]!]!;
  }
  return values;
}

/** torchvision's Resize of the short side and CenterCrop. */
function preparationOf(preparation: 'whole' | 'centre', size: number): (pixels: Pixels) => Promise<Pixels> {
  const side = preparation === 'centre' ? Math.max(size, Math.floor(size / 7) * 8) : size;
  return async (pixels) => {
    const short = Math.min(pixels.height, pixels.width);
    const [height, width] = [pixels.height, pixels.width].map((length) => Math.floor((side * length) / short));
    return centre(await resizePixels(pixels, height!, width!), size);
  };
}

function centre(pixels: Pixels, size: number): Pixels {
  if (pixels.height === size && pixels.width === size) return pixels;
  const [top, left] = [pixels.height, pixels.width].map((length) => Math.round((length - size) / 2));
  return crop(pixels, { top: top!, left: left!, height: size, width: size });
}
