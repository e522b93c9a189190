/** RDED's selection (Sun et al., CVPR 2024): mosaics of the crops that an observer is most confident about. */
import { z } from 'zod';
import {
  composeGrid,
  type ImageDataset,
  imagesToTensor,
  type Pixels,
  randomResizedCropBox,
  resampleImages,
  tensorToImages,
} from '../datasets';
import { breathe, type LongTask, RandomStream, type Tensor, type Tensor2D, tf } from '../engine';
import { makeSet } from './compose';
import type { DistilledImage, DistilledSet, PatchSource } from './distilled-set';
import { readSettings } from './read-settings';

/** The network that scores crops: a trained teacher. */
export interface Observer {
  /** Normalised images [N,S,S,3] → logits [N,classes], in evaluation mode. */
  network: { forward(images: Tensor): Tensor; eval(): unknown };
  normalisation: { mean: readonly [number, number, number]; deviation: readonly [number, number, number] };
}

/** What determines RDED's set, apart from the observer. Defaults as in RDED's scripts. */
export const rdedSettings = z.object({
  imagesPerClass: z.int().min(1),
  /** Patches along an image's side: 2 for ImageNet and its subsets, 1 for CIFAR and Tiny-ImageNet. */
  factor: z.int().min(1),
  /** Random images of a class to crop from. */
  candidates: z.int().min(1).default(300),
  /** Random crops per image. */
  crops: z.int().min(1).default(5),
  /** Range of a crop's area, as a share of the image. */
  scale: z
    .tuple([z.number().positive(), z.number().max(1)])
    .readonly()
    .default([0.08, 1]),
  /** Side of a distilled image and of the observer's input, pixels. Default the dataset's. */
  size: z.int().min(1).optional(),
  seed: z.int().default(0),
});

export type RdedOptions = z.input<typeof rdedSettings> & { observer: Observer } & LongTask;

/**
 * For each class: draws random images and random square crops of each (torchvision's RandomResizedCrop on the image in
 * its own aspect ratio), resizes crops to size / factor, and keeps each image's crop with the lowest cross entropy of
 * the class. The observer sees a crop in the middle of an input that is zero after normalisation. The imagesPerClass ·
 * factor² crops with the lowest loss are composed; image j holds crops j, n + j, 2n + j, 3n + j.
 * @throws when a class has too few images, the factor doesn't divide the size, or the observer gives NaN
 */
export async function rdedSelection(
  dataset: ImageDataset,
  { observer, signal, onProgress, ...options }: RdedOptions,
): Promise<DistilledSet> {
  const settings = readSettings(rdedSettings, options, 'RDED');
  const { imagesPerClass, factor, candidates, crops, scale, seed, size = dataset.size } = settings;
  const wanted = imagesPerClass * factor ** 2;
  if (candidates < wanted)
    throw new Error(
      `Expected at least ${wanted} candidates for ${imagesPerClass} images per class, got ${candidates}.`,
    );
  observer.network.eval();
  const set = {
    method: 'RDED',
    imagesPerClass,
    size,
    factor,
    settings: { candidates, crops, scale, seed },
    signal,
    onProgress,
  };
  return makeSet(dataset, set, async (label, positions) => {
    const stream = new RandomStream(seed, 'rded', label);
    const chosen = Array.from(stream.permutation(positions.length).subarray(0, candidates), (k) => positions[k]!);
    const scored: ScoredCrop[] = [];
    for (const image of chosen) {
      if (scored.length % 16 === 0) await breathe(signal);
      const pixels = await dataset.image(image);
      const id = dataset.id(image);
      const boxes = Array.from({ length: crops }, (_, k) => {
        const { height, width } = pixels;
        const box = randomResizedCropBox(stream.child(id, k), height, width, { scale, ratio: [1, 1] });
        return { top: box.top, left: box.left, size: box.height };
      });
      scored.push(await bestCrop(pixels, boxes, { image, label, side: size / factor, size, observer }));
    }
    scored.sort((a, b) => a.loss - b.loss || a.image - b.image);
    return compose(dataset, scored.slice(0, wanted), { label, factor, count: imagesPerClass });
  });
}

interface ScoredCrop {
  image: number;
  box: PatchSource['box'];
  /** Cross entropy of the true class. */
  loss: number;
  pixels: Pixels;
}

async function bestCrop(
  pixels: Pixels,
  boxes: readonly PatchSource['box'][],
  place: { image: number; label: number; side: number; size: number; observer: Observer },
): Promise<ScoredCrop> {
  const { image, label, side, size, observer } = place;
  const { crops, losses } = tf.tidy(() => {
    const one = imagesToTensor([pixels], { range: [0, 1] });
    const maps = boxes.map(({ top, left, size: length }) => ({
      rows: { start: top, length },
      columns: { start: left, length },
    }));
    const crops = resampleImages(tf.tile(one, [boxes.length, 1, 1, 1]), maps, { size: side });
    const { mean, deviation } = observer.normalisation;
    const normalised = tf.div(tf.sub(crops, tf.tensor1d([...mean])), tf.tensor1d([...deviation]));
    const before = Math.floor((size - side) / 2);
    const margin: [number, number] = [before, size - side - before];
    const logits = observer.network.forward(tf.pad(normalised, [[0, 0], margin, margin, [0, 0]]));
    const probabilities: Tensor = tf.logSoftmax(logits as Tensor2D);
    const losses = tf.neg(tf.slice(probabilities, [0, label], [boxes.length, 1]));
    return { crops, losses: Array.from(losses.dataSync<'float32'>()) };
  });
  try {
    if (losses.some((loss) => !Number.isFinite(loss))) {
      throw new Error(
        `Expected finite losses of image ${image}'s crops, got ${losses.join(', ')}. Check the observer: its weights, or its normalisation, hold NaN or infinity.`,
      );
    }
    const best = losses.indexOf(Math.min(...losses));
    return {
      image,
      box: boxes[best]!,
      loss: losses[best]!,
      pixels: (await tensorToImages(crops, { range: [0, 1] }))[best]!,
    };
  } finally {
    crops.dispose();
  }
}

function compose(
  dataset: ImageDataset,
  crops: readonly ScoredCrop[],
  { label, factor, count }: { label: number; factor: number; count: number },
): DistilledImage[] {
  return Array.from({ length: count }, (_, j) => {
    const cells = Array.from({ length: factor ** 2 }, (_, quarter) => crops[quarter * count + j]!);
    return {
      label,
      pixels: composeGrid(
        cells.map(({ pixels }) => pixels),
        { columns: factor },
      ),
      sources: cells.map(({ image, box, loss }) => ({ image, id: dataset.id(image), box, score: -loss })),
    };
  });
}
