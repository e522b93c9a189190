/** The pool: a seeded random choice of the images of each class that a method may use. */
import { RandomStream } from '../engine/random';
import type { ImageDataset } from './record';

export interface PoolOptions {
  /** Most images per class. */
  perClass: number;
  /** @default 0 */
  poolSeed?: number;
}

/**
 * Places in the pool among the `count` images of a class, ascending. A smaller pool of the same seed is part of a larger
 * one.
 * @throws unless perClass is a whole number of at least 1 (or Infinity, for all)
 */
export function poolPlaces(count: number, className: string, { perClass, poolSeed = 0 }: PoolOptions): number[] {
  if (perClass !== Number.POSITIVE_INFINITY && (!Number.isInteger(perClass) || perClass < 1))
    throw new Error(`Expected perClass to be a whole number of at least 1, got ${perClass}.`);
  if (perClass >= count) return Array.from({ length: count }, (_, k) => k);
  const order = new RandomStream(poolSeed, 'pool', className).permutation(count);
  return Array.from(order.subarray(0, perClass)).sort((a, b) => a - b);
}

/** At most `perClass` images of each class at random, in the dataset's order; nested, as poolPlaces are. */
export function pool(dataset: ImageDataset, options: PoolOptions): ImageDataset {
  const byClass = dataset.classes.map(() => [] as number[]);
  for (const [i, label] of dataset.labels.entries()) byClass[label]!.push(i);
  const chosen = byClass.flatMap((images, label) =>
    poolPlaces(images.length, dataset.classes[label]!, options).map((k) => images[k]!),
  );
  return dataset.subset(
    chosen.sort((a, b) => a - b),
    `${dataset.name}, ${options.perClass} of each class`,
  );
}
