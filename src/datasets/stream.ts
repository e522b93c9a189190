/** Going through a dataset image by image, reading ahead. */

import type { LongTask } from '../engine';
import { breathe } from '../engine/progress';
import { UnreadableImageError } from './errors';
import { centreSquare, crop } from './pixels';
import type { ImageDataset, Pixels } from './record';

export interface StreamOptions extends LongTask {
  /** Which images, in which order. Default: all, as they stand. */
  order?: ArrayLike<number>;
  /** Images read ahead. @default 32 */
  prefetch?: number;
  /** Called for an image that can't be read, which is then left out. Default: the error is thrown. */
  onUnreadable?: (error: UnreadableImageError, index: number) => void;
}

export interface StreamedImage {
  index: number;
  label: number;
  pixels: Pixels;
}

/** The images of a dataset one after the other, a bounded number of them in memory. */
export async function* streamImages(
  dataset: ImageDataset,
  options: StreamOptions = {},
): AsyncGenerator<StreamedImage, void, undefined> {
  const { order = Array.from(dataset.labels.keys()), prefetch = 32, onUnreadable, signal, onProgress } = options;
  type Read = { pixels: Pixels } | { error: unknown };
  const ahead: Promise<Read>[] = [];
  const start = (position: number) =>
    ahead.push(
      dataset.image(order[position]!).then(
        (pixels) => ({ pixels }),
        (error: unknown) => ({ error }),
      ),
    );
  let started = 0;
  for (let position = 0; position < order.length; position++) {
    while (started < Math.min(order.length, position + Math.max(1, prefetch))) start(started++);
    const read = await ahead.shift()!;
    const index = order[position]!;
    if ('pixels' in read) yield { index, label: dataset.labels[index]!, pixels: read.pixels };
    else if (onUnreadable && read.error instanceof UnreadableImageError) onUnreadable(read.error, index);
    else throw read.error;
    if (position % 16 === 15) await breathe(signal);
    onProgress?.({ label: `Reading ${dataset.name}`, done: position + 1, total: order.length });
  }
}

/** Square images in one array, for training. */
export interface LoadedImages {
  /** RGB, N · size · size · 3. */
  pixels: Uint8Array;
  labels: Int32Array;
  size: number;
}

/**
 * The square in the centre of every image, in one array.
 * @throws {UnreadableImageError} at the first image that can't be read
 */
export async function loadImages(dataset: ImageDataset, task: LongTask = {}): Promise<LoadedImages> {
  const { size, labels } = dataset;
  const pixels = new Uint8Array(labels.length * size * size * 3);
  for await (const image of streamImages(dataset, { ...task, prefetch: 128 }))
    pixels.set(crop(image.pixels, centreSquare(image.pixels)).data, image.index * size * size * 3);
  return { pixels, labels, size };
}

/** Reads every image once; gives those that can be read, and the error (with its path) of each that can't. */
export async function readableSubset<D extends ImageDataset>(
  dataset: D,
  task: LongTask = {},
): Promise<{ dataset: D; unreadable: UnreadableImageError[] }> {
  const readable: number[] = [];
  const unreadable: UnreadableImageError[] = [];
  for await (const { index } of streamImages(dataset, { ...task, onUnreadable: (error) => unreadable.push(error) }))
    readable.push(index);
  return {
    dataset: unreadable.length === 0 ? dataset : (dataset.subset(readable, dataset.name) as D),
    unreadable,
  };
}
