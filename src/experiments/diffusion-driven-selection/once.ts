/** Bound stages that many configurations of a dataset share: bound once, since each item is checked and hashed. */
import type { ImageDataset } from '../../datasets';

/** A cache per dataset, by key; it is freed with the dataset. */
export function oncePerDataset<T>(): (dataset: ImageDataset, key: unknown, make: () => T) => T {
  const made = new WeakMap<ImageDataset, Map<string, T>>();
  return (dataset, key, make) => {
    const known = made.get(dataset) ?? new Map<string, T>();
    made.set(dataset, known);
    const text = JSON.stringify(key);
    const value = known.get(text) ?? make();
    known.set(text, value);
    return value;
  };
}
