/** The interface of every dataset: lazy, labelled, fingerprinted images. */

/** An image in memory. */
export interface Pixels {
  /** RGB, 0 … 255, row-major: height · width · 3. */
  data: Uint8Array;
  height: number;
  width: number;
}

/** Labelled images, made or read when asked for. Each has its own height and width; the shorter of them is `size`. */
export interface ImageDataset {
  readonly name: string;
  /** Class names in label order, plain nouns fit for a prompt ("An image of a cup"). */
  readonly classes: readonly string[];
  /** Short side of every image, pixels. */
  readonly size: number;
  /** Label of each image; its length is the number of images. */
  readonly labels: Int32Array;
  /** Hash of everything the images are made from: names, labels and contents. */
  readonly fingerprint: string;
  /** Content fingerprint of image `i`, stable over subsets and machines. */
  id(i: number): string;
  /** Image `i`. @throws when `i` is out of range, or the image can't be read (the message holds its path). */
  image(i: number): Promise<Pixels>;
  /** The images at `indices`, in that order. */
  subset(indices: ArrayLike<number>, name?: string): ImageDataset;
}

/** A dataset with ground truth: where its objects are, and which variant each one is. */
export interface AnnotatedDataset extends ImageDataset {
  /** Names of the modes of each class. */
  readonly modes: readonly (readonly string[])[];
  /** Mode of image `i`: an index in `modes[labels[i]]`. */
  mode(i: number): number;
  /** Object mask of image `i`: height · width, 1 on the object. */
  mask(i: number): Promise<Uint8Array>;
  subset(indices: ArrayLike<number>, name?: string): AnnotatedDataset;
}

/** Whether a dataset has ground truth. */
export const isAnnotated = (dataset: ImageDataset): dataset is AnnotatedDataset =>
  'mask' in dataset && 'mode' in dataset && 'modes' in dataset;

/** The dataset with its ground truth. @throws when it has none. */
export function annotated(dataset: ImageDataset): AnnotatedDataset {
  if (isAnnotated(dataset)) return dataset;
  throw new Error(
    `Expected a dataset with masks and modes, '${dataset.name}' has none. Take the embedded world: stillLife({ split: 'train', perClass: 100 }).`,
  );
}
