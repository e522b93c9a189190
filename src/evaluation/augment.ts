/** Training augmentation for batches of small images. Every draw comes from a RandomStream. */
import { type AxisMap, randomResizedCropBox, resampleImages } from '../datasets';
import { type RandomStream, type Tensor, tf } from '../engine';
import { colourMaps } from './colour';
import type { Normalisation } from './images';

/** Augmentations of each image of a batch, in this order. */
export interface Augmentation {
  /** RDED's ShufflePatches: permutes that many column strips, then row strips. 1 leaves the image unchanged. */
  shufflePatches: number;
  /** Random resized crop: ranges of the area share and of width/height. */
  crop: { scale: readonly [number, number]; ratio: readonly [number, number] } | null;
  /** Mirror horizontally with probability ½. */
  flip: boolean;
  /** Shifts by up to this many pixels along both axes, padded with the mean colour (CIFAR's padded crop). @default 0 */
  shift?: number;
  /**
   * Changes brightness, contrast and saturation by up to ± jitter in random order; then PCA lighting of this deviation.
   */
  colour: { jitter: number; lighting: number } | null;
}

/**
 * Augments a batch [N,S,S,3] of normalised images. Each image's geometry is two interpolation matrices and its colour one
 * affine map, so the batch takes two or three matrix products. Image k's draws come from `random.child(k)`: they depend on
 * its place in the batch alone.
 */
export function augment(
  images: Tensor,
  augmentation: Augmentation,
  { random, normalisation }: { random: RandomStream; normalisation: Normalisation },
): Tensor {
  const [n, height, width] = images.shape as [number, number, number];
  if (height !== width) throw new Error(`Expected square images, got [${images.shape}].`);
  return tf.tidy(() => {
    const margin = augmentation.shift ?? 0;
    if (margin > 0 && augmentation.shufflePatches > 1) {
      throw new Error('Expected either shift or shufflePatches, got both: no protocol has them together.');
    }
    const padded = margin === 0 ? images : tf.pad(images, around(margin));
    const streams = Array.from({ length: n }, (_, k) => random.child(k));
    const maps = streams.map((stream) => geometry(stream, width, augmentation));
    const moved = resampleImages(padded, maps, { size: width });
    if (!augmentation.colour) return moved;
    const { scale, offset } = colourMaps(moved, streams, augmentation.colour, normalisation);
    const mapped = tf.matMul(tf.reshape(moved, [n, width * width, 3]), scale);
    return tf.reshape(tf.add(mapped, offset), [n, width, width, 3]);
  });
}

const around = (pixels: number): [number, number][] => [
  [0, 0],
  [pixels, pixels],
  [pixels, pixels],
  [0, 0],
];

/** The random draws for one image. */
function geometry(stream: RandomStream, size: number, augmentation: Augmentation): { rows: AxisMap; columns: AxisMap } {
  const { shufflePatches: factor, crop, flip, shift = 0 } = augmentation;
  const order =
    factor > 1
      ? { columns: shuffledStrips(stream, size, factor), rows: shuffledStrips(stream, size, factor) }
      : undefined;
  const box = crop ? randomResizedCropBox(stream, size, size, crop) : { top: 0, left: 0, height: size, width: size };
  const move = (): number => (shift > 0 ? stream.integer(2 * shift + 1) : 0);
  const mirrored = flip && stream.uniform() < 0.5;
  return {
    rows: { start: box.top + move(), length: box.height, ...(order ? { order: order.rows } : {}) },
    columns: {
      start: box.left + move(),
      length: box.width,
      flip: mirrored,
      ...(order ? { order: order.columns } : {}),
    },
  };
}

/** `size` pixels cut into `factor` strips (the last takes the remainder) in random order: the source of each place. */
export function shuffledStrips(stream: RandomStream, size: number, factor: number): Int32Array {
  const strip = Math.floor(size / factor);
  const order = new Int32Array(size);
  let place = 0;
  for (const k of stream.permutation(factor)) {
    const end = k === factor - 1 ? size : (k + 1) * strip;
    for (let pixel = k * strip; pixel < end; pixel++) order[place++] = pixel;
  }
  return order;
}
