/** RDED's augmentation of a training batch, on tensors: shuffled patches, random crops, mirrors, CutMix. */
import { type RandomStream, type Tensor, tf } from '../engine';

/**
 * ShufflePatches: the image cut into factor × factor patches, its column strips permuted, then its row strips, each
 * image on its own (RDED). The identity for factor 1.
 */
export function shufflePatches(images: Tensor, factor: number, stream: RandomStream): Tensor {
  if (factor === 1) return images;
  const [count, size] = images.shape as [number, number];
  if (size % factor !== 0) throw new Error(`Expected the factor to divide the image side ${size}, got ${factor}.`);
  const cell = size / factor;
  const order: number[] = [];
  for (let i = 0; i < count; i++) {
    const [columns, rows] = [stream.permutation(factor), stream.permutation(factor)];
    for (const row of rows) for (const column of columns) order.push((i * factor + row) * factor + column);
  }
  return tf.tidy(() => {
    const split = tf.transpose(tf.reshape(images, [count, factor, cell, factor, cell * 3]), [0, 1, 3, 2, 4]);
    const patches = tf.gather(
      tf.reshape(split, [count * factor * factor, cell, cell * 3]),
      tf.tensor1d(order, 'int32'),
    );
    const joined = tf.transpose(tf.reshape(patches, [count, factor, factor, cell, cell * 3]), [0, 1, 3, 2, 4]);
    return tf.reshape(joined, [count, size, size, 3]);
  });
}

export interface CropOptions {
  /** Share of the image's area that a crop has, from and to. */
  scale: readonly [number, number];
  /** Width over height, from and to. torchvision's default. */
  ratio?: readonly [number, number];
  /** Probability of a mirrored image. */
  mirror?: number;
}

/**
 * RandomResizedCrop and a horizontal mirror for each image, bilinear with half-pixel centres as torchvision's on
 * tensors (without antialias, which only matters where a crop is shrunk).
 */
export function randomResizedCrop(images: Tensor, stream: RandomStream, options: CropOptions): Tensor {
  const { scale, ratio = [3 / 4, 4 / 3], mirror = 0.5 } = options;
  const [count, size] = images.shape as [number, number];
  const boxes = new Float32Array(count * 4);
  for (let i = 0; i < count; i++) {
    const { top, left, height, width } = cropBox(size, scale, ratio, stream);
    // The op spaces its samples from the first to the last; these ends are the half-pixel centres of the crop, in an
    // image with one more pixel on each side (below), where the first pixel lies at 1.
    const ends = (start: number, extent: number): [number, number] => {
      const step = extent / size;
      return [(start + 0.5 * step + 0.5) / (size + 1), (start + extent - 0.5 * step + 0.5) / (size + 1)];
    };
    const [y1, y2] = ends(top, height);
    let [x1, x2] = ends(left, width);
    if (stream.uniform() < mirror) [x1, x2] = [x2, x1];
    boxes.set([y1, x1, y2, x2], i * 4);
  }
  return tf.tidy(() => {
    // Crops enlarge, so samples fall half a pixel outside: the edge is repeated, as torchvision does.
    const edged = tf.mirrorPad(
      images,
      [
        [0, 0],
        [1, 1],
        [1, 1],
        [0, 0],
      ],
      'symmetric',
    );
    const indices = tf.range(0, count, 1, 'int32');
    return tf.image.cropAndResize(
      edged as never,
      tf.tensor2d(boxes, [count, 4]),
      indices as never,
      [size, size],
      'bilinear',
    );
  });
}

/** torchvision's RandomResizedCrop.get_params: ten tries, then the central crop. Pixels. */
export function cropBox(
  size: number,
  scale: readonly [number, number],
  ratio: readonly [number, number],
  stream: RandomStream,
): { top: number; left: number; height: number; width: number } {
  for (let attempt = 0; attempt < 10; attempt++) {
    const area = size * size * stream.uniform(...scale);
    const aspect = Math.exp(stream.uniform(Math.log(ratio[0]), Math.log(ratio[1])));
    const [width, height] = [Math.round(Math.sqrt(area * aspect)), Math.round(Math.sqrt(area / aspect))];
    if (width >= 1 && width <= size && height >= 1 && height <= size) {
      return { top: stream.integer(size - height + 1), left: stream.integer(size - width + 1), height, width };
    }
  }
  return { top: 0, left: 0, height: size, width: size };
}

/** A CutMixed batch and how its labels mix. */
export interface Mixed {
  images: Tensor;
  /** Image i holds a box of image partner[i]. */
  partner: Int32Array;
  /** Share of an image that is its own, 0 … 1. */
  own: number;
}

/** CutMix (Yun et al. 2019) with Beta(1, 1): one box for the batch, partners a random permutation. */
export function cutMix(images: Tensor, stream: RandomStream): Mixed {
  const [count, size] = images.shape as [number, number];
  const partner = stream.permutation(count);
  const cut = Math.sqrt(1 - stream.uniform()) * size;
  const [x, y] = [stream.integer(size), stream.integer(size)];
  const edge = (centre: number, side: number): number =>
    Math.min(size, Math.max(0, Math.trunc(centre + (side * cut) / 2)));
  const [left, right, top, bottom] = [edge(x, -1), edge(x, 1), edge(y, -1), edge(y, 1)];
  const inside = new Float32Array(size * size);
  for (let row = top; row < bottom; row++) inside.fill(1, row * size + left, row * size + right);
  const mixed = tf.tidy(() => {
    const mask = tf.tensor(inside, [1, size, size, 1]);
    const others = tf.gather(images, tf.tensor1d(partner, 'int32'));
    return tf.add(tf.mul(images, tf.sub(1, mask)), tf.mul(others, mask));
  });
  return { images: mixed, partner, own: 1 - ((right - left) * (bottom - top)) / (size * size) };
}
