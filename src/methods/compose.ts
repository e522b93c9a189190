/** From chosen patches to distilled images: one patch per image, or four in a 2×2 mosaic (RDED; paper 001, 3.2). */
import { composeGrid, crop, type ImageDataset, type ImageShape, resizePixels } from '../datasets';
import { breathe, type LongTask } from '../engine';
import type { DistilledImage, DistilledSet, PatchSource } from './distilled-set';

export interface ComposeOptions {
  label: number;
  /** Side of a distilled image, pixels. */
  size: number;
  /** Patches along a side of an image: 1, or 2 for a mosaic of four. */
  factor: number;
}

/**
 * Cuts the patches out of their images, resizes each to its place in the mosaic and joins them. Image j takes patches
 * j, n + j, 2n + j, 3n + j of the list (RDED's rule), where n is the number of images.
 * @throws when the patches don't fill the images.
 */
export async function composeImages(
  dataset: ImageDataset,
  patches: readonly PatchSource[],
  { label, size, factor }: ComposeOptions,
): Promise<DistilledImage[]> {
  checkFactor(factor, size);
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

/** @throws unless an image side of `size` pixels can be divided into `factor` patches. */
export function checkFactor(factor: number, size: number): void {
  if (!Number.isInteger(factor) || factor < 1 || size % factor !== 0) {
    throw new Error(`Expected a factor that divides the image side of ${size} pixels, got ${factor}.`);
  }
}

/** @throws unless a square of `patchSize` pixels fits in the image. */
export function checkPatchSize(patchSize: number, { height, width }: ImageShape): void {
  const most = Math.min(height, width);
  if (!Number.isInteger(patchSize) || patchSize < 1 || patchSize > most) {
    throw new Error(
      `Expected a patch size of 1 to ${most} pixels in an image of ${height} × ${width}, got ${patchSize}.`,
    );
  }
}

/** What a distilled set is, apart from its images. */
export interface SetOptions
  extends Pick<DistilledSet, 'method' | 'imagesPerClass' | 'size' | 'factor' | 'settings'>,
    LongTask {}

/**
 * A distilled set of the patches that a method chooses, class by class.
 * @param choose gives imagesPerClass · factor² patches of a class, from the positions of its images
 * @throws when a class has fewer images than the set needs patches
 */
export function composeSet(
  dataset: ImageDataset,
  options: SetOptions,
  choose: (label: number, positions: readonly number[]) => Promise<PatchSource[]>,
): Promise<DistilledSet> {
  const { size, factor } = options;
  return makeSet(dataset, options, async (label, positions) =>
    composeImages(dataset, await choose(label, positions), { label, size, factor }),
  );
}

/** Like composeSet, for a method that makes its images itself instead of cutting patches. */
export async function makeSet(
  dataset: ImageDataset,
  { signal, onProgress, ...options }: SetOptions,
  make: (label: number, positions: readonly number[]) => Promise<DistilledImage[]>,
): Promise<DistilledSet> {
  const { method, imagesPerClass, size, factor } = options;
  const { classes, name, fingerprint } = dataset;
  checkFactor(factor, size);
  const wanted = imagesPerClass * factor ** 2;
  if (!Number.isInteger(imagesPerClass) || imagesPerClass < 1)
    throw new Error(`Expected at least 1 image per class, got ${imagesPerClass}.`);
  const images: DistilledImage[] = [];
  for (const [label, positions] of imagesByClass(dataset).entries()) {
    await breathe(signal);
    if (positions.length < wanted)
      throw new Error(
        `Expected ${wanted} images of '${classes[label]}', got ${positions.length}. Use a larger pool or fewer images per class.`,
      );
    images.push(...(await make(label, positions)));
    onProgress?.({ label: `Selecting: ${method}`, done: label + 1, total: classes.length });
  }
  return { ...options, classes: [...classes], dataset: { name, fingerprint }, images };
}

/** Positions of each class's images in a dataset, in dataset order. */
export function imagesByClass(dataset: ImageDataset): number[][] {
  const positions = dataset.classes.map(() => [] as number[]);
  for (const [i, label] of dataset.labels.entries()) positions[label]!.push(i);
  return positions;
}
