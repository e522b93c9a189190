/** The best and the worst selection of patches, by the ground truth of an annotated dataset. */
import { z } from 'zod';
import { type AnnotatedDataset, type Box, objectBounds, objectPixels, randomCropBox, squareAround } from '../datasets';
import { type LongTask, RandomStream } from '../engine';
import { checkPatchSize, composeSet } from './compose';
import type { DistilledSet, PatchSource } from './distilled-set';
import { readSettings } from './read-settings';

/** What determines an oracle's set. */
export const oracleSettings = z.object({
  /** Side of the square crop, pixels of the source. */
  patchSize: z.int().min(1),
  /** Patches along a side of a distilled image: 1, or 2 for a mosaic of four. */
  factor: z.int().min(1).default(1),
  imagesPerClass: z.int().min(1),
  /** Side of a distilled image, pixels. Default the dataset's. */
  size: z.int().min(1).optional(),
  /** Miss the object instead: take, of `places` random squares, the one with the fewest of its pixels. */
  missing: z.boolean().default(false),
  /** Random squares compared when the object is to be missed. */
  places: z.int().min(1).default(32),
  seed: z.int().default(0),
});

export type OracleSelectionOptions = z.input<typeof oracleSettings> & LongTask;

/**
 * Crops of the object, the ceiling of a benchmark: random images of each class with its modes in turn, from each the
 * square centred on the object's bounds. With `missing` the same images, cropped beside the object: the floor.
 * @example const ceiling = await oracleSelection(world, { imagesPerClass: 10, patchSize: 32, factor: 2 });
 * @throws when a class has too few images, or a patch doesn't fit in an image
 */
export async function oracleSelection(
  dataset: AnnotatedDataset,
  { signal, onProgress, ...options }: OracleSelectionOptions,
): Promise<DistilledSet> {
  const settings = readSettings(oracleSettings, options, 'the oracle');
  const { patchSize, factor, imagesPerClass, missing, places, seed, size = dataset.size } = settings;
  const set = {
    method: missing ? 'object missed' : 'oracle',
    imagesPerClass,
    size,
    factor,
    settings: { patchSize, seed, ...(missing ? { places } : {}) },
    signal,
    onProgress,
  };
  return composeSet(dataset, set, async (label, positions) => {
    const stream = new RandomStream(seed, 'oracle selection', label);
    const chosen = modesInTurn(dataset, positions, stream).slice(0, imagesPerClass * factor ** 2);
    return Promise.all(
      chosen.map(async (image): Promise<PatchSource> => {
        const id = dataset.id(image);
        const { height, width } = await dataset.image(image);
        checkPatchSize(patchSize, { height, width });
        const mask = await dataset.mask(image);
        const beside = () => {
          const place = stream.child(id);
          const boxes = Array.from({ length: places }, () => randomCropBox(place, height, width, patchSize));
          return emptiest(mask, boxes, width);
        };
        const { top, left } = missing
          ? beside()
          : squareAround(objectBounds(mask, { height, width }), patchSize, { height, width });
        return { image, id, box: { top, left, size: patchSize } };
      }),
    );
  });
}

/** All positions in random order, modes in turn; a mode without further images is skipped. */
function modesInTurn(dataset: AnnotatedDataset, positions: readonly number[], stream: RandomStream): number[] {
  const order = Array.from(stream.permutation(positions.length), (k) => positions[k]!);
  const queues = new Map<number, number[]>();
  for (const image of order) {
    const mode = dataset.mode(image);
    const queue = queues.get(mode);
    if (queue) queue.push(image);
    else queues.set(mode, [image]);
  }
  const turns: number[] = [];
  for (let round = 0; turns.length < order.length; round++)
    for (const queue of queues.values()) if (round < queue.length) turns.push(queue[round]!);
  return turns;
}

/** The box with the fewest pixels of the object; the first one wins a tie. */
function emptiest(mask: Uint8Array, boxes: readonly Box[], width: number): Box {
  const counts = boxes.map((box) => objectPixels(mask, box, width));
  return boxes[counts.indexOf(Math.min(...counts))]!;
}
