/**
 * Whether maps peak on the object and boxes contain it, by exact masks; chance level is the mean over all possible
 * boxes.
 */
import type { AnnotatedDataset } from '../datasets';
import { breathe, type LongTask } from '../engine';
import { type PixelMap, patchScores, type ScoredPatch } from '../methods';

/** A box compared with a mask. Shares are 0 … 1. */
export interface BoxLocalisation {
  /** Share of the object's pixels inside the box. */
  objectShare: number;
  /** The same, averaged over all positions of a box of this size. */
  randomObjectShare: number;
  /** Intersection over union of box and object, in pixels. */
  overlap: number;
  randomOverlap: number;
}

/** Position of a map's highest value; the first one wins a tie. @throws when the map is empty or holds a NaN */
export function peakOf({ values, width }: PixelMap): { row: number; column: number } {
  if (values.length === 0) throw new Error('Expected a map with values, got an empty one.');
  let best = 0;
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i]))
      throw new Error(`Expected a map of numbers, got NaN at place ${i} of ${values.length}.`);
    if (values[i]! > values[best]!) best = i;
  }
  return { row: Math.floor(best / width), column: best % width };
}

/**
 * A square box against an object mask.
 * @param mask height · width, 1 on the object
 * @throws when the mask is empty, or not of the given size.
 */
export function localiseBox(
  mask: Uint8Array,
  box: ScoredPatch['box'],
  { height, width }: { height: number; width: number },
): BoxLocalisation {
  if (mask.length !== height * width)
    throw new Error(`Expected a mask of ${height * width} pixels, got ${mask.length}.`);
  const object = mask.reduce((sum, value) => sum + value, 0);
  if (object === 0) throw new Error('Expected a mask with an object, got an empty one.');
  const area = box.size ** 2;
  const inside = patchScores({ values: Float32Array.from(mask), height, width }, box.size);
  const shared = Array.from(inside.values, (share) => Math.round(share * area));
  const at = shared[box.top * inside.width + box.left];
  if (at === undefined)
    throw new Error(`Expected a box inside the image, got top ${box.top}, left ${box.left}, size ${box.size}.`);
  const overlap = (pixels: number): number => pixels / (area + object - pixels);
  const average = (of: (pixels: number) => number): number =>
    shared.reduce((sum, pixels) => sum + of(pixels), 0) / shared.length;
  return {
    objectShare: at / object,
    randomObjectShare: average((pixels) => pixels / object),
    overlap: overlap(at),
    randomOverlap: average(overlap),
  };
}

export interface LocalisationOptions extends LongTask {
  /** Maps of images, by position in the dataset: noise maps, attention maps. */
  maps?: ReadonlyMap<number, PixelMap>;
  /** Boxes in images; each counts, also several in one image. */
  patches?: readonly Pick<ScoredPatch, 'image' | 'box'>[];
}

/** Means over maps and over boxes; null if none was given. */
export interface LocalisationReport {
  /**
   * Number of maps, the share that peak on the object, and the share of the image that objects cover (chance level).
   */
  maps: number;
  peakOnObject: number | null;
  objectArea: number | null;
  /** Number of boxes. */
  boxes: number;
  objectShare: number | null;
  randomObjectShare: number | null;
  /** objectShare / randomObjectShare. */
  timesRandom: number | null;
  overlap: number | null;
  randomOverlap: number | null;
}

/**
 * Compares maps and boxes with a dataset's masks.
 * @throws naming the image if its map differs in size or holds a NaN, if its box lies outside it, or if the dataset
 *   lacks it
 */
export async function localisation(
  dataset: AnnotatedDataset,
  { maps = new Map(), patches = [], signal, onProgress }: LocalisationOptions,
): Promise<LocalisationReport> {
  const size = { height: dataset.size, width: dataset.size };
  const total = maps.size + patches.length;
  const peaks: { hit: number; area: number }[] = [];
  const boxes: BoxLocalisation[] = [];
  const report = async (): Promise<void> => {
    const done = peaks.length + boxes.length;
    if (done % 64 === 0) await breathe(signal);
    onProgress?.({ label: 'Comparing with masks', done, total });
  };
  for (const [image, map] of maps) {
    if (map.height !== size.height || map.width !== size.width) {
      throw new Error(
        `Expected maps of ${size.height}×${size.width} pixels, got ${map.height}×${map.width} for image ${image}.`,
      );
    }
    const mask = await maskOf(dataset, image);
    const { row, column } = ofImage(image, () => peakOf(map));
    peaks.push({
      hit: mask[row * size.width + column]!,
      area: mask.reduce((sum, value) => sum + value, 0) / mask.length,
    });
    await report();
  }
  for (const { image, box } of patches) {
    const mask = await maskOf(dataset, image);
    boxes.push(ofImage(image, () => localiseBox(mask, box, size)));
    await report();
  }
  const objectShare = mean(boxes.map((box) => box.objectShare));
  const randomObjectShare = mean(boxes.map((box) => box.randomObjectShare));
  return {
    maps: peaks.length,
    peakOnObject: mean(peaks.map(({ hit }) => hit)),
    objectArea: mean(peaks.map(({ area }) => area)),
    boxes: boxes.length,
    objectShare,
    randomObjectShare,
    timesRandom: objectShare === null || !randomObjectShare ? null : objectShare / randomObjectShare,
    overlap: mean(boxes.map((box) => box.overlap)),
    randomOverlap: mean(boxes.map((box) => box.randomOverlap)),
  };
}

/** @throws when the dataset has no such image */
async function maskOf(dataset: AnnotatedDataset, image: number): Promise<Uint8Array> {
  const images = dataset.labels.length;
  if (Number.isInteger(image) && image >= 0 && image < images) return dataset.mask(image);
  throw new Error(
    `Expected images of '${dataset.name}', 0 to ${images - 1}, got ${image}. Pass the dataset that they come from.`,
  );
}

/** Adds the image's name to an error. */
function ofImage<T>(image: number, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new Error(`Image ${image}: ${(error as Error).message}`, { cause: error });
  }
}

const mean = (values: readonly number[]): number | null =>
  values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
