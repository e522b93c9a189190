/** Generated images as a distilled set: they have no source in the dataset. */
import { type ImageDataset, type Pixels, resizePixels } from '../../datasets';
import type { DistilledImage, DistilledSet } from '../distilled-set';

export interface GeneratedSetOptions extends Pick<DistilledSet, 'method' | 'imagesPerClass' | 'settings'> {
  /** Side of a distilled image, pixels. */
  size: number;
}

/**
 * A set of generated images, resized if their size differs.
 * @param images `imagesPerClass` of each of the dataset's classes, in label order
 */
export async function generatedSet(
  { name, fingerprint, classes }: Pick<ImageDataset, 'name' | 'fingerprint' | 'classes'>,
  images: readonly Pixels[],
  { method, imagesPerClass, size, settings }: GeneratedSetOptions,
): Promise<DistilledSet> {
  const distilled: DistilledImage[] = [];
  for (const [i, image] of images.entries()) {
    const pixels = await resizePixels(image, size, size);
    distilled.push({ label: Math.floor(i / imagesPerClass), pixels, sources: [] });
  }
  const dataset = { name, fingerprint };
  return { method, imagesPerClass, size, factor: 1, settings, classes: [...classes], dataset, images: distilled };
}
