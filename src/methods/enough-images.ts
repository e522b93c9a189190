/** Checks that every class has enough images for a distilled set, before anything costly begins. */
import type { ImageDataset } from '../datasets';

/** A class has too few images for the request. */
export class TooFewImagesError extends Error {
  override readonly name = 'TooFewImagesError';
}

export interface NeededImages {
  /** Fewest images per class. */
  needed: number;
  /** What needs them, in words: '10 images per class of 4 patches each'. */
  purpose: string;
  /** The remedy, in words: 'ask for fewer images per class'. */
  instead: string;
  /** Labels of the classes that are distilled. Default all. */
  labels?: readonly number[];
}

/** @throws {TooFewImagesError} naming the first class with fewer images than needed, how many it has, and what to do */
export function requireEnoughImages(
  { labels: all, classes, name }: Pick<ImageDataset, 'labels' | 'classes' | 'name'>,
  { needed, purpose, instead, labels = [...classes.keys()] }: NeededImages,
): void {
  const counts = classes.map(() => 0);
  for (const label of all) counts[label]!++;
  const short = labels.find((label) => counts[label]! < needed);
  if (short === undefined) return;
  throw new TooFewImagesError(
    `Expected at least ${needed} ${needed === 1 ? 'image' : 'images'} of '${classes[short]}' in ${name}, for ${purpose}, got ${counts[short]}: add images of this class, leave the class out, or ${instead}.`,
  );
}

/**
 * The images per class that a set of patches needs, if each image gives up to `perImage` patches.
 * @param set the set's images per class, and patches along a side of an image
 */
export function imagesForPatches(
  { imagesPerClass, factor }: { imagesPerClass: number; factor: number },
  { perImage = 1 }: { perImage?: number } = {},
): Omit<NeededImages, 'labels'> {
  const needed = Math.ceil((imagesPerClass * factor ** 2) / perImage);
  const each = imagesPerClass === 1 ? '1 image per class' : `${imagesPerClass} images per class`;
  const patches = factor === 1 ? '' : ` of ${factor ** 2} patches each`;
  const from = perImage === 1 ? '' : `, at most ${perImage} from one source`;
  return { needed, purpose: `${each}${patches}${from}`, instead: 'ask for fewer images per class' };
}
