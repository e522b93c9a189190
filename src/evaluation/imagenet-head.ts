/** Reduces a published ImageNet-1K classifier to the classes of a subset. */
import { imageNetClass, imageNetClasses } from '../datasets';
import type { Module, StoredTensor, TensorSource } from '../models';

/**
 * Weights of an ImageNet-1K classifier for a network with fewer classes: its last layer keeps the rows of these
 * classes, in their order. Weights without 1,000 classes stay unchanged.
 * @param network the network to load, with `classes.length` outputs
 * @param classes by their name in ImageNet or their WordNet id (`n02096294`, `n02096294_Australian_terrier`)
 * @throws when the weights are read, naming a class that isn't ImageNet's
 */
export function cutToClasses(source: TensorSource, network: Module, classes: readonly string[]): TensorSource {
  if (classes.length === imageNetClasses.length) return source;
  const parameters = network.parameters();
  let rows: number[] | undefined;
  return {
    keys: () => source.keys(),
    get(name) {
      const tensor = source.get(name);
      const wanted = parameters.get(name)?.shape;
      if (!tensor || !wanted || !isHead(tensor.shape, wanted, classes.length)) return tensor;
      rows ??= classes.map(rowOf);
      return takeRows(tensor, rows);
    },
  };
}

/** Whether a tensor has a row per ImageNet class where the network wants one per class of the subset. */
function isHead(shape: readonly number[], wanted: readonly number[], classes: number): boolean {
  const [count, ...inputs] = shape;
  const [outputs, ...others] = wanted;
  return count === imageNetClasses.length && outputs === classes && inputs.join() === others.join();
}

function rowOf(className: string): number {
  const wnid = /^n\d{8}(?!\d)/.exec(className)?.[0];
  const found = wnid ? imageNetClass(wnid) : imageNetClasses.find(({ name }) => name === className);
  if (found) return found.index;
  throw new Error(
    `Expected classes of ImageNet, as the weights are of its ${imageNetClasses.length}, got '${className}'. Open the images with ImageNet's class list, or take weights of their own classes.`,
  );
}

function takeRows({ shape, data }: StoredTensor, rows: readonly number[]): StoredTensor {
  const length = data.length / shape[0]!;
  const taken = new Float32Array(rows.length * length);
  for (const [place, row] of rows.entries()) taken.set(data.subarray(row * length, (row + 1) * length), place * length);
  return { shape: [rows.length, ...shape.slice(1)], data: taken };
}
