/** K-center (Sener & Savarese, ICLR 2018): no image of a class is far from the nearest chosen one. */
import { z } from 'zod';
import type { ImageDataset } from '../../datasets';
import { type LongTask, RandomStream } from '../../engine';
import type { DistilledSet } from '../distilled-set';
import type { Observer } from '../rded';
import { readSettings } from '../read-settings';
import { coresetByFeatures, squaredDistance } from './by-features';

/** What determines the set, apart from the observer. */
export const kCenterSettings = z.object({
  imagesPerClass: z.int().min(1),
  /** Side of a distilled image and of the observer's input, pixels. Default the dataset's. */
  size: z.int().min(1).optional(),
  /** Seed of the first image of each class, which is drawn at random. */
  seed: z.int().default(0),
});

export type KCenterOptions = z.input<typeof kCenterSettings> & { observer: Observer } & LongTask;

/**
 * The greedy algorithm (2-approximation) for each class by itself: first a random image, then repeatedly the one
 * farthest from all chosen, by Euclidean distance between features of a trained classifier.
 * @example const set = await kCenterSelection(dataset, { observer: teacher, imagesPerClass: 10 });
 * @throws when a class has too few images
 */
export function kCenterSelection(
  dataset: ImageDataset,
  { observer, signal, onProgress, ...options }: KCenterOptions,
): Promise<DistilledSet> {
  const { imagesPerClass, seed, size = dataset.size } = readSettings(kCenterSettings, options, 'k-center');
  return coresetByFeatures(dataset, {
    method: 'k-center',
    observer,
    imagesPerClass,
    size,
    settings: { seed },
    signal,
    onProgress,
    order: (features, label) => {
      const first = new RandomStream(seed, 'k-center', label).integer(features.length);
      return farthestFirst(features, { first, count: imagesPerClass });
    },
  });
}

/**
 * Positions in the order of the choice: `first`, then the one farthest from its nearest chosen; the first one wins a
 * tie.
 */
export function farthestFirst(
  features: readonly Float32Array[],
  { first, count }: { first: number; count: number },
): number[] {
  const chosen = [first];
  const distances = features.map((vector) => squaredDistance(vector, features[first]!));
  while (chosen.length < Math.min(count, features.length)) {
    // Marks chosen images below every distance, so that even an exact copy (distance 0) comes before them.
    for (const k of chosen) distances[k] = -1;
    const next = distances.indexOf(Math.max(...distances));
    chosen.push(next);
    for (const [k, vector] of features.entries())
      distances[k] = Math.min(distances[k]!, squaredDistance(vector, features[next]!));
  }
  return chosen;
}
