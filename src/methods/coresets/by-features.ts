/** Coresets chosen class by class from the features of a trained classifier. */
import type { ImageDataset } from '../../datasets';
import { breathe, type LongTask } from '../../engine';
import { composeSet } from '../compose';
import type { DistilledSet } from '../distilled-set';
import { imagesForPatches, requireEnoughImages } from '../enough-images';
import type { Observer } from '../rded';
import { askNetwork } from './network-features';
import { asDistilled, BATCH, normalisedImages, wholeImage } from './whole-images';

export interface FeatureCoreset extends LongTask {
  /** Name of the method. */
  method: string;
  observer: Observer;
  imagesPerClass: number;
  /** Side of a distilled image and of the observer's input, pixels. */
  size: number;
  settings: Record<string, unknown>;
  /** Positions in `features` of the chosen images, in the order of the choice. */
  order(features: readonly Float32Array[], label: number): number[];
}

/**
 * A set of whole images; `order` chooses them from the features of all images of a class.
 * @throws when a class has too few images, before any is looked at
 */
export async function coresetByFeatures(
  dataset: ImageDataset,
  { observer, order, ...options }: FeatureCoreset,
): Promise<DistilledSet> {
  const { size, signal, imagesPerClass } = options;
  requireEnoughImages(dataset, imagesForPatches({ imagesPerClass, factor: 1 }));
  return composeSet(dataset, { ...options, factor: 1 }, async (label, positions) => {
    const features: Float32Array[] = [];
    for (let start = 0; start < positions.length; start += BATCH) {
      await breathe(signal);
      const sources = await Promise.all(
        positions.slice(start, start + BATCH).map((image) => wholeImage(dataset, image)),
      );
      const images = normalisedImages(await asDistilled(dataset, sources, { label, size }), observer.normalisation);
      features.push(...askNetwork(observer.network, images).features);
      images.dispose();
    }
    return Promise.all(order(features, label).map((k) => wholeImage(dataset, positions[k]!)));
  });
}

/** Squared Euclidean distance. */
export function squaredDistance(a: Float32Array | Float64Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2;
  return sum;
}
