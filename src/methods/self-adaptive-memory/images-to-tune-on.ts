/** Checks that a dataset suffices for fine-tuning, before it is encoded. */
import type { ImageDataset } from '../../datasets';
import { requireEnoughImages, TooFewImagesError } from '../enough-images';

/**
 * Requires at least one image of each class, because fine-tuning on the others alone would spoil an empty one, and
 * enough images to fill a batch.
 * @throws {TooFewImagesError} naming the class or the batch, how many images there are, and what to do
 */
export function requireImagesToTuneOn(dataset: ImageDataset, { batch }: { batch: number }): void {
  const instead = 'generate from the prior as it is (ditSampling, DiT)';
  requireEnoughImages(dataset, { needed: 1, purpose: 'the fine-tuning of the prior', instead });
  const { length } = dataset.labels;
  if (length >= batch) return;
  throw new TooFewImagesError(
    `Expected at least ${batch} images in ${dataset.name}, for one batch of the fine-tuning, got ${length}: add images, or set a smaller batch.`,
  );
}
