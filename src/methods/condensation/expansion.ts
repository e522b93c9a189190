/**
 * Partitioning and expansion (Zhao et al., CVPR 2023, section 4.1): several smaller images stored in the pixels of one.
 */
import { avgPool2d, resizeBilinear, type Tensor, tf } from '../../engine';

/**
 * Cuts each image into factor × factor parts and enlarges each to the image's size; differentiable.
 * @param images float32 [N,S,S,C]
 * @returns [N · factor², S, S, C], the parts of an image one after the other
 * @throws when the side is no multiple of the factor
 */
export function expand(images: Tensor, factor: number): Tensor {
  const [count, size, , channels] = images.shape as [number, number, number, number];
  const side = partSide(size, factor);
  if (factor === 1) return tf.clone(images);
  return tf.tidy(() => {
    const cells = tf.transpose(tf.reshape(images, [count, factor, side, factor, side, channels]), [0, 1, 3, 2, 4, 5]);
    return resizeBilinear(tf.reshape(cells, [count * factor ** 2, side, side, channels]), [size, size]);
  });
}

/**
 * The reverse: shrinks images by averaging factor × factor pixels, and joins every factor² of them into one.
 * @param images float32 [N · factor², S, S, C]
 * @returns [N,S,S,C]
 * @throws when the side is no multiple of the factor
 */
export function partition(images: Tensor, factor: number): Tensor {
  const [parts, size, , channels] = images.shape as [number, number, number, number];
  const side = partSide(size, factor);
  if (factor === 1) return tf.clone(images);
  return tf.tidy(() => {
    const cells = tf.reshape(avgPool2d(images, { size: factor }), [-1, factor, factor, side, side, channels]);
    return tf.reshape(tf.transpose(cells, [0, 1, 3, 2, 4, 5]), [parts / factor ** 2, size, size, channels]);
  });
}

function partSide(size: number, factor: number): number {
  if (size % factor === 0) return size / factor;
  throw new Error(`Expected images whose side is a multiple of the factor ${factor}, got ${size} pixels.`);
}
