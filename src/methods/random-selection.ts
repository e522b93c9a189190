/** The control of every table: images, or patches of images, taken at random. */
import { cellSignal, type LongTask, RandomStream } from '../engine';
import type { ImageDataset } from '../datasets';
import { composeImages, imagesByClass } from './compose';
import type { DistilledSet } from './distilled-set';

export interface RandomSelectionOptions extends LongTask {
  imagesPerClass: number;
  seed: number;
  /** Side of a distilled image, pixels. Default the dataset's. */
  size?: number;
  /** Patches along a side of an image; 1 unless the set it is compared with is made of mosaics. */
  factor?: number;
  /** Side of the random square taken from an image, pixels. Default the whole image. */
  patchSize?: number;
}

/** `imagesPerClass` · `factor`² different images of each class at random, whole or as a square at a random place. */
export async function randomSelection(dataset: ImageDataset, options: RandomSelectionOptions): Promise<DistilledSet> {
  const {
    imagesPerClass,
    seed,
    size = dataset.size,
    factor = 1,
    patchSize = dataset.size,
    signal = cellSignal(),
    onProgress,
  } = options;
  if (!Number.isInteger(patchSize) || patchSize < 1 || patchSize > dataset.size) {
    throw new Error(`Expected a patch size of 1 to ${dataset.size} pixels, got ${patchSize}.`);
  }
  const images = [];
  for (const [label, positions] of imagesByClass(dataset).entries()) {
    signal?.throwIfAborted();
    const stream = new RandomStream(seed, 'random selection', label);
    const wanted = imagesPerClass * factor ** 2;
    if (positions.length < wanted) {
      throw new Error(`Expected ${wanted} images of '${dataset.classes[label]}', got ${positions.length}.`);
    }
    const patches = Array.from(stream.permutation(positions.length).subarray(0, wanted), (k) => {
      const image = positions[k]!;
      const place = (): number => stream.integer(dataset.size - patchSize + 1);
      return { image, id: dataset.id(image), box: { top: place(), left: place(), size: patchSize } };
    });
    images.push(...(await composeImages(dataset, patches, { label, size, factor })));
    onProgress?.({ label: 'Random selection', done: label + 1, total: dataset.classes.length });
  }
  return {
    method: 'random',
    classes: [...dataset.classes],
    imagesPerClass,
    size,
    factor,
    settings: { seed, patchSize },
    dataset: { name: dataset.name, fingerprint: dataset.fingerprint },
    images,
  };
}
