/** Between images and tensors. */

import { type Tensor, type Tensor4D, tf } from '../engine';
import type { Pixels } from './record';

export interface TensorRange {
  /** Values that black and white become. @default [-1, 1] */
  range?: readonly [number, number];
}

/** Equal images as one float tensor [N, H, W, 3]. @throws when there is none, or they differ in size. */
export function imagesToTensor(images: readonly Pixels[], { range = [-1, 1] }: TensorRange = {}): Tensor4D {
  const [first] = images;
  if (!first) throw new Error('Expected at least one image, got none.');
  const { height, width } = first;
  const length = height * width * 3;
  const values = new Float32Array(images.length * length);
  const [low, scale] = [range[0], (range[1] - range[0]) / 255];
  for (const [k, { data, height: h, width: w }] of images.entries()) {
    if (h !== height || w !== width)
      throw new Error(`Expected images of one size, ${height} × ${width}, got ${h} × ${w} at place ${k}.`);
    for (let i = 0, to = k * length; i < length; i++, to++) values[to] = low + scale * data[i]!;
  }
  return tf.tensor4d(values, [images.length, height, width, 3]);
}

/**
 * Images of a float tensor [N, H, W, 3] (or [H, W, 3]); values outside the range are clipped.
 * @throws when a value is NaN, which would become black
 */
export async function tensorToImages(tensor: Tensor, { range = [-1, 1] }: TensorRange = {}): Promise<Pixels[]> {
  const shape = tensor.shape.length === 3 ? [1, ...tensor.shape] : tensor.shape;
  const [count, height, width, channels] = shape;
  if (shape.length !== 4 || channels !== 3)
    throw new Error(`Expected a tensor of shape [N, H, W, 3], got [${tensor.shape.join(', ')}].`);
  const values = await tensor.data();
  const length = height! * width! * 3;
  const [low, scale] = [range[0], 255 / (range[1] - range[0])];
  return Array.from({ length: count! }, (_, k) => {
    const data = new Uint8Array(length);
    for (let i = 0; i < length; i++) {
      const value = (values[k * length + i]! - low) * scale;
      if (Number.isNaN(value)) throw notANumber(k, i, width!);
      data[i] = value <= 0 ? 0 : value >= 255 ? 255 : Math.round(value);
    }
    return { data, height: height!, width: width! };
  });
}

const notANumber = (image: number, at: number, width: number): Error => {
  const pixel = Math.floor(at / 3);
  return new Error(
    `Expected pixels to be numbers, got NaN in image ${image}, row ${Math.floor(pixel / width)}, column ${pixel % width}. What made the images has diverged: lower its learning rate or its guidance, or use precision 'float32'.`,
  );
};
