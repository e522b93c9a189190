/** The controls of every table: whole images at random, and random patches in the format of a compared set. */
import { z } from 'zod';
import { centreSquare, type ImageDataset, randomCropBox } from '../datasets';
import { type LongTask, RandomStream } from '../engine';
import { checkPatchSize, composeSet } from './compose';
import type { DistilledSet, PatchSource } from './distilled-set';
import { readSettings } from './read-settings';

/**
 * What determines a random set: `{}` takes whole images, `{ patchSize: 112, factor: 2 }` random squares of 112 pixels in
 * 2×2 mosaics (the format of RDED's sets and ours).
 */
export const randomSettings = z.object({
  /** Side of the square taken at a random place, pixels of the source; 'image' for whole images. */
  patchSize: z.union([z.int().min(1), z.literal('image')]).default('image'),
  /** Patches along a side of a distilled image: 1, or 2 for a mosaic of four. */
  factor: z.int().min(1).default(1),
  imagesPerClass: z.int().min(1),
  /** Side of a distilled image, pixels. Default the dataset's. */
  size: z.int().min(1).optional(),
  seed: z.int().default(0),
});

export type RandomSelectionOptions = z.input<typeof randomSettings> & LongTask;

/**
 * `imagesPerClass` · `factor`² different images of each class at random, whole (the square in the centre) or as a square
 * at a random place. A larger set of the same seed starts with the patches of a smaller one.
 * @example const images = await randomSelection(dataset, { imagesPerClass: 10, seed: 0 });
 * @example const patches = await randomSelection(dataset, { imagesPerClass: 10, patchSize: 112, factor: 2, seed: 0 });
 * @throws when a class has too few images, or a patch doesn't fit in an image
 */
export async function randomSelection(
  dataset: ImageDataset,
  { signal, onProgress, ...options }: RandomSelectionOptions,
): Promise<DistilledSet> {
  const {
    patchSize,
    seed,
    imagesPerClass,
    factor,
    size = dataset.size,
  } = readSettings(randomSettings, options, 'random selection');
  const set = {
    method: patchSize === 'image' ? 'random' : 'random patches',
    imagesPerClass,
    size,
    factor,
    settings: { patchSize, seed },
    signal,
    onProgress,
  };
  return composeSet(dataset, set, async (label, positions) => {
    const stream = new RandomStream(seed, 'random selection', label);
    const chosen = stream.permutation(positions.length).subarray(0, imagesPerClass * factor ** 2);
    return Promise.all(
      Array.from(chosen, async (k): Promise<PatchSource> => {
        const image = positions[k]!;
        const id = dataset.id(image);
        const { height, width } = await dataset.image(image);
        if (patchSize === 'image') {
          const { top, left, height: side } = centreSquare({ height, width });
          return { image, id, box: { top, left, size: side } };
        }
        checkPatchSize(patchSize, { height, width });
        const { top, left } = randomCropBox(stream.child(id), height, width, patchSize);
        return { image, id, box: { top, left, size: patchSize } };
      }),
    );
  });
}
