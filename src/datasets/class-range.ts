import { fingerprint } from './fingerprint';
import type { ImageDataset } from './record';

/** Consecutive classes of a dataset, by number. */
export interface ClassRange {
  first: number;
  count: number;
}

/** Some classes of a dataset as one of their own: labels count from 0. @throws where the dataset has no such classes */
export function classRange(dataset: ImageDataset, { first, count }: ClassRange): ImageDataset {
  const classes = dataset.classes.slice(first, first + count);
  if (count < 1 || classes.length !== count) {
    throw new Error(
      `Expected ${count} of the ${dataset.classes.length} classes of '${dataset.name}' from number ${first} on, got ${classes.length}.`,
    );
  }
  const positions: number[] = [];
  for (const [i, label] of dataset.labels.entries()) if (label >= first && label < first + count) positions.push(i);
  const some = dataset.subset(positions, `${dataset.name}, classes ${first} to ${first + count - 1}`);
  return renumbered(some, classes, first);
}

const renumbered = (dataset: ImageDataset, classes: readonly string[], first: number): ImageDataset => ({
  name: dataset.name,
  classes,
  size: dataset.size,
  labels: dataset.labels.map((label) => label - first),
  // Only when asked for: a plan makes ranges of a million images to count them.
  get fingerprint() {
    return fingerprint('classes', dataset.fingerprint, String(first), classes.join('\n'));
  },
  id: (i) => dataset.id(i),
  image: (i) => dataset.image(i),
  subset: (indices, name) => renumbered(dataset.subset(indices, name), classes, first),
});
