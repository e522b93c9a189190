/** The candidates of a coreset: whole images, as they would appear in the set and as a network would see them there. */
import { centreSquare, type ImageDataset, imagesToTensor, type Pixels } from '../../datasets';
import { type Tensor, tf } from '../../engine';
import { composeImages } from '../compose';
import type { PatchSource } from '../distilled-set';
import type { Observer } from '../rded';

/** Images per pass of a network. */
export const BATCH = 32;

/** The square in the centre of an image, as the source of a distilled image. */
export async function wholeImage(dataset: ImageDataset, image: number): Promise<PatchSource> {
  const { top, left, height: size } = centreSquare(await dataset.image(image));
  return { image, id: dataset.id(image), box: { top, left, size } };
}

/** The distilled image of `size` pixels that each source would become. */
export async function asDistilled(
  dataset: ImageDataset,
  sources: readonly PatchSource[],
  { label, size }: { label: number; size: number },
): Promise<Pixels[]> {
  const images = await composeImages(dataset, sources, { label, size, factor: 1 });
  return images.map(({ pixels }) => pixels);
}

/** Normalised images: float32 [N,S,S,3], (value / 255 − mean) / deviation. */
export function normalisedImages(images: readonly Pixels[], { mean, deviation }: Observer['normalisation']): Tensor {
  return tf.tidy(() =>
    tf.div(tf.sub(imagesToTensor(images, { range: [0, 1] }), tf.tensor1d([...mean])), tf.tensor1d([...deviation])),
  );
}
