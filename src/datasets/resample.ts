/**
 * Crops, flips and strip permutations of a batch in one go: each is separable, so a sample's whole geometry is one
 * matrix for its rows and one for its columns, and the batch is two matrix products.
 */
import { type Tensor, type Tensor4D, tf } from '../engine';

/** A map along one axis of one image: reorders its pixels, stretches a span of them, and mirrors the result. */
export interface AxisMap {
  /** First pixel of the span; may be a fraction. @default 0 */
  start?: number;
  /** Pixels in the span; may be a fraction. @default the whole axis */
  length?: number;
  /** Reverses the output. @default false */
  flip?: boolean;
  /** Source pixel at each position, applied before the span is taken. @default unchanged order */
  order?: ArrayLike<number>;
}

/**
 * Bilinear resampling of each image by its own maps, as torchvision's RandomResizedCrop does it on tensors:
 * `torch.nn.functional.interpolate(crop, mode='bilinear', align_corners=False, antialias=True)` of each crop (half-pixel
 * centres, edges of the crop repeated; where a crop shrinks, the triangle is as wide as the pixels of the output are apart).
 * @param images float32 [N, H, W, 3]
 * @param maps one for rows and one for columns per image
 * @returns [N, size, size, 3]
 */
export function resampleImages(
  images: Tensor,
  maps: readonly { rows: AxisMap; columns: AxisMap }[],
  { size }: { size: number },
): Tensor4D {
  const [n, height, width, channels] = images.shape as [number, number, number, number];
  if (maps.length !== n) throw new Error(`Expected a pair of maps for each of ${n} images, got ${maps.length}.`);
  const rows = axisMatrices(
    maps.map((map) => map.rows),
    height,
    size,
  );
  const columns = axisMatrices(
    maps.map((map) => map.columns),
    width,
    size,
  );
  return tf.tidy(() => {
    let x: Tensor = images;
    if (rows) {
      const lines = tf.reshape(x, [n, height, width * channels]);
      x = tf.reshape(tf.matMul(tf.tensor3d(rows, [n, size, height]), lines), [n, size, width, channels]);
    }
    if (columns) {
      const lines = tf.reshape(tf.transpose(x, [0, 2, 1, 3]), [n, width, size * channels]);
      const stretched = tf.matMul(tf.tensor3d(columns, [n, size, width]), lines);
      x = tf.transpose(tf.reshape(stretched, [n, size, size, channels]), [0, 2, 1, 3]);
    }
    return (x === images ? tf.clone(x) : x) as Tensor4D;
  });
}

/** [N, size, source] interpolation weights, or undefined where nothing moves. */
function axisMatrices(maps: readonly AxisMap[], source: number, size: number): Float32Array | undefined {
  const still = ({ start = 0, length = source, flip, order }: AxisMap): boolean =>
    start === 0 && length === source && !flip && !order;
  if (size === source && maps.every(still)) return undefined;
  const matrices = new Float32Array(maps.length * size * source);
  for (const [k, { start = 0, length = source, flip = false, order }] of maps.entries()) {
    const last = Math.ceil(start + length) - 1;
    const reach = Math.max(1, length / size);
    for (let i = 0; i < size; i++) {
      const row = (k * size + (flip ? size - 1 - i : i)) * source;
      const position = Math.min(last, Math.max(start, start + ((i + 0.5) * length) / size - 0.5));
      const first = Math.max(Math.floor(start), Math.ceil(position - reach));
      const end = Math.min(last + 1, position + reach);
      let sum = 0;
      for (let at = first; at < end; at++) sum += 1 - Math.abs(at - position) / reach;
      for (let at = first; at < end; at++) {
        matrices[row + (order ? order[at]! : at)]! += (1 - Math.abs(at - position) / reach) / sum;
      }
    }
  }
  return matrices;
}
