/** Where an object lies in its image, from its mask. */
import type { Box } from './pixels';

/** Height and width of an image, pixels. */
export interface ImageShape {
  height: number;
  width: number;
}

/**
 * The smallest rectangle that holds the object.
 * @param mask height · width, 1 on the object
 * @throws when the mask is empty or not of this shape
 */
export function objectBounds(mask: Uint8Array, { height, width }: ImageShape): Box {
  if (mask.length !== height * width)
    throw new Error(`Expected a mask of ${height} × ${width} = ${height * width} pixels, got ${mask.length}.`);
  let [top, left, bottom, right] = [height, width, -1, -1];
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++)
      if (mask[row * width + column]) {
        top = Math.min(top, row);
        bottom = row;
        left = Math.min(left, column);
        right = Math.max(right, column);
      }
  if (bottom < 0) throw new Error('Expected a mask with an object, got an empty one.');
  return { top, left, height: bottom - top + 1, width: right - left + 1 };
}

/** The square of `side` pixels around the centre of a rectangle, shifted to lie inside the image. */
export function squareAround(bounds: Box, side: number, { height, width }: ImageShape): Box {
  const within = (centre: number, length: number): number =>
    Math.min(length - side, Math.max(0, Math.round(centre - side / 2)));
  return {
    top: within(bounds.top + bounds.height / 2, height),
    left: within(bounds.left + bounds.width / 2, width),
    height: side,
    width: side,
  };
}

/** Pixels of the object inside a box. */
export function objectPixels(mask: Uint8Array, { top, left, height, width }: Box, imageWidth: number): number {
  let count = 0;
  for (let row = top; row < top + height; row++)
    for (let column = left; column < left + width; column++) count += mask[row * imageWidth + column]!;
  return count;
}
