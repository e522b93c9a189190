/** Random geometry as boxes and orders; callers crop and compose the pixels. */

import type { RandomStream } from '../engine/random';
import type { Box } from './pixels';

export interface RandomResizedCropOptions {
  /** Share of the area, from … to, in 0 … 1. @default [0.08, 1] */
  scale?: readonly [number, number];
  /** Width over height, from … to, drawn log-uniformly. @default [3/4, 4/3] */
  ratio?: readonly [number, number];
}

/** The box of torchvision's RandomResizedCrop: ten attempts, then the largest centred box of an allowed ratio. */
export function randomResizedCropBox(
  random: RandomStream,
  height: number,
  width: number,
  { scale = [0.08, 1], ratio = [3 / 4, 4 / 3] }: RandomResizedCropOptions = {},
): Box {
  for (let attempt = 0; attempt < 10; attempt++) {
    const area = height * width * random.uniform(scale[0], scale[1]);
    const aspect = Math.exp(random.uniform(Math.log(ratio[0]), Math.log(ratio[1])));
    const [w, h] = [Math.round(Math.sqrt(area * aspect)), Math.round(Math.sqrt(area / aspect))];
    if (w >= 1 && w <= width && h >= 1 && h <= height)
      return { top: random.integer(height - h + 1), left: random.integer(width - w + 1), height: h, width: w };
  }
  const aspect = Math.min(ratio[1], Math.max(ratio[0], width / height));
  const [w, h] = [Math.min(width, Math.round(height * aspect)), Math.min(height, Math.round(width / aspect))];
  return { top: (height - h) >> 1, left: (width - w) >> 1, height: h, width: w };
}

/** A square of `side` at a random place. @throws when it doesn't fit. */
export function randomCropBox(random: RandomStream, height: number, width: number, side: number): Box {
  if (!Number.isInteger(side) || side < 1 || side > Math.min(height, width))
    throw new RangeError(`Expected side to be a whole number in 1 … ${Math.min(height, width)}, got ${side}.`);
  return { top: random.integer(height - side + 1), left: random.integer(width - side + 1), height: side, width: side };
}
