/** From chosen patches to distilled images: one patch an image, or four in a 2×2 mosaic (RDED; paper 001, 3.2). */
import { composeGrid, crop, type ImageDataset, resizePixels } from '../datasets';
import type { DistilledImage, PatchSource } from './distilled-set';

export interface ComposeOptions {
  label: number;
  /** Side of a distilled image, pixels. */
  size: number;
  /** Patches along a side of an image: 1, or 2 for a mosaic of four. */
  factor: number;
}

/**
 * Cuts the patches out of their images, brings each to its place's size and joins them. Image j takes patches
 * j, n + j, 2n + j, 3n + j of the list (RDED's rule), n the number of images.
 * @throws when the patches don't fill the images.
 */
export async function composeImages(
  dataset: ImageDataset,
  patches: readonly PatchSource[],
  { label, size, factor }: ComposeOptions,
): Promise<DistilledImage[]> {
  if (!Number.isInteger(factor) || factor < 1 || size % factor !== 0) {
    throw new Error(`Expected a factor that divides the image side of ${size} pixels, got ${factor}.`);
  }
  const perImage = factor ** 2;
  if (patches.length === 0 || patches.length % perImage !== 0) {
    throw new Error(`Expected a multiple of ${perImage} patches, got ${patches.length}.`);
  }
  const count = patches.length / perImage;
  const cell = size / factor;
  return Promise.all(
    Array.from({ length: count }, async (_, j) => {
      const sources = Array.from({ length: perImage }, (_, quarter) => patches[quarter * count + j]!);
      const cells = sources.map(async ({ image, box: { top, left, size: side } }) => {
        const patch = crop(await dataset.image(image), { top, left, height: side, width: side });
        return resizePixels(patch, cell, cell);
      });
      return { label, pixels: composeGrid(await Promise.all(cells), { columns: factor }), sources };
    }),
  );
}

/** Positions of each class's images in a dataset, in dataset order. */
export function imagesByClass(dataset: ImageDataset): number[][] {
  const positions = dataset.classes.map(() => [] as number[]);
  for (const [i, label] of dataset.labels.entries()) positions[label]!.push(i);
  return positions;
}
