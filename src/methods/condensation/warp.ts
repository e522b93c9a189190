/** Affine resampling of images, differentiable: torch's affine_grid and grid_sample (bilinear, zeros outside). */
import { type Tensor, tf } from '../../engine';

/**
 * [[a, b, c], [d, e, f]]: the output's pixel at (x, y) is read from (a x + b y + c, d x + e y + f), in coordinates that
 * are −1 and 1 at the image's edges.
 */
export type Affine = readonly [readonly [a: number, b: number, c: number], readonly [d: number, e: number, f: number]];

/**
 * Warps each image by its own map, or all by one.
 * @param images float32 [N, S, S, C]
 * @param maps one, or one per image
 * @returns [N, S, S, C]
 * @throws on any other number of maps
 */
export function warp(images: Tensor, maps: readonly Affine[]): Tensor {
  const [count, size, , channels] = images.shape as [number, number, number, number];
  if (maps.length !== 1 && maps.length !== count) {
    throw new Error(`Expected one affine map, or one for each of ${count} images, got ${maps.length}.`);
  }
  const pixels = size * size;
  const shared = maps.length === 1;
  return tf.tidy(() => {
    // One row per pixel; where one map serves all, the images stand side by side in it.
    const rows = shared
      ? tf.reshape(tf.transpose(images, [1, 2, 0, 3]), [pixels, count * channels])
      : tf.reshape(images, [count * pixels, channels]);
    const parts = cornersOf(maps, size).map(({ places, weights }) =>
      tf.mul(tf.gather(rows, tf.tensor1d(places, 'int32')), tf.tensor2d(weights, [weights.length, 1])),
    );
    const read = parts.length === 0 ? tf.zerosLike(rows) : parts.reduce((sum, part) => tf.add(sum, part));
    return shared
      ? tf.transpose(tf.reshape(read, [size, size, count, channels]), [2, 0, 1, 3])
      : tf.reshape(read, [count, size, size, channels]);
  });
}

/** Row and weight of each of the four neighbours of every pixel read, without those whose weight is always 0. */
function cornersOf(maps: readonly Affine[], size: number): { places: Int32Array; weights: Float32Array }[] {
  const pixels = size * size;
  const corners = [0, 1, 2, 3].map(() => ({
    places: new Int32Array(maps.length * pixels),
    weights: new Float32Array(maps.length * pixels),
  }));
  const coordinate = (pixel: number): number => (2 * pixel + 1) / size - 1;
  // Rounded, so that a shift by whole pixels reads whole pixels.
  const place = (at: number): number => Math.round((((at + 1) * size - 1) / 2) * 1e6) / 1e6;
  for (const [m, [[a, b, c], [d, e, f]]] of maps.entries()) {
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < size; j++) {
        const [x, y] = [coordinate(j), coordinate(i)];
        const [column, row] = [place(a * x + b * y + c), place(d * x + e * y + f)];
        const [left, top] = [Math.floor(column), Math.floor(row)];
        for (const [corner, { places, weights }] of corners.entries()) {
          const [r, s] = [top + (corner >> 1), left + (corner & 1)];
          if (r < 0 || r >= size || s < 0 || s >= size) continue;
          const out = m * pixels + i * size + j;
          places[out] = m * pixels + r * size + s;
          weights[out] = (1 - Math.abs(row - r)) * (1 - Math.abs(column - s));
        }
      }
    }
  }
  return corners.filter(({ weights }) => weights.some((weight) => weight !== 0));
}
