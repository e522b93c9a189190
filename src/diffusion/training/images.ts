/** Training images in memory. Batches are drawn by counter, so that a resumed training sees the same ones. */
import { type RandomStream, type Tensor, tf } from '../../engine';

/** Images of one size, with their labels. */
export interface ImageStack {
  /** [count, height, width, 3] row-major, 0 … 255. */
  pixels: Uint8Array;
  count: number;
  height: number;
  width: number;
  /** Class of each image. */
  labels: Int32Array;
}

/** `size` positions drawn with replacement. */
export function drawIndices(stream: RandomStream, count: number, size: number): Int32Array {
  return Int32Array.from({ length: size }, () => stream.integer(count));
}

/** The images at `indices` as float32 [n, height, width, 3] in [-1, 1], each mirrored with probability ½ if asked. */
export function imageBatch(stack: ImageStack, indices: Int32Array, mirror?: RandomStream): Tensor {
  const { pixels, height, width } = stack;
  const row = width * 3;
  const size = height * row;
  const values = new Float32Array(indices.length * size);
  for (const [i, index] of indices.entries()) {
    const flipped = mirror !== undefined && mirror.integer(2) === 1;
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const from = index * size + y * row + (flipped ? width - 1 - x : x) * 3;
        const to = i * size + y * row + x * 3;
        for (let c = 0; c < 3; c++) values[to + c] = pixels[from + c]! / 127.5 - 1;
      }
    }
  }
  return tf.tensor(values, [indices.length, height, width, 3]);
}
