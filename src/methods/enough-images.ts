/** Whether every class has the images that a distilled set needs: asked before anything costly begins. */
import type { ImageDataset } from '../datasets';

/** A class has fewer images than what is asked for needs. */
export class TooFewImagesError extends Error {
  override readonly name = 'TooFewImagesError';
}

export interface NeededImages {
  /** Images of each class, at least. */
  needed: number;
  /** What for, in words: '10 images per class of 4 patches each'. */
  purpose: string;
  /** What could be asked for instead: 'ask for fewer images per class'. */
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
 * The images of a class that a set of patches needs, where `perImage` patches of an image may enter it.
 * @param set its images per class, and patches along a side of an image
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
