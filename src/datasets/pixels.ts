/** Images in memory: decoding with sharp, and the geometry that methods and evaluation share. */

import sharp from 'sharp';
import { UnreadableImageError } from './errors';
import type { Pixels } from './record';
import { asSharp, fromRaw, type Kernel } from './resize';

export interface DecodeOptions {
  /** Resizes the short side to this length, pixels. Default: not resized. */
  size?: number;
  /** Keep the aspect ratio; otherwise a resized image is cropped to its centre square. @default true */
  keepRatio?: boolean;
  /** @default 'lanczos3' */
  kernel?: Kernel;
  /** Name of the bytes in errors. @default 'given as bytes' */
  path?: string;
}

const pipeline = (bytes: Uint8Array) =>
  sharp(bytes, { failOn: 'error', limitInputPixels: 2 ** 28 })
    .autoOrient() // as the EXIF orientation says
    .flatten({ background: '#ffffff' }) // transparency over white
    .toColourspace('srgb'); // greyscale, CMYK and 16 bits become 8-bit RGB

/**
 * Decodes JPEG, PNG, WebP, TIFF, AVIF or the first picture of a GIF (by content, whatever the file is called) to RGB,
 * upright.
 * @throws {UnreadableImageError} when the bytes are no image, or only part of one.
 */
export async function decodeImage(bytes: Uint8Array, options: DecodeOptions = {}): Promise<Pixels> {
  const { size, keepRatio = true, kernel = 'lanczos3', path = 'given as bytes' } = options;
  try {
    if (bytes.length === 0) throw new Error('the file is empty');
    let image = pipeline(bytes);
    const fit = keepRatio ? 'outside' : 'cover';
    if (size !== undefined) image = image.resize(size, size, { fit, position: 'centre', kernel });
    return fromRaw(await image.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true }));
  } catch (cause) {
    throw new UnreadableImageError(path, cause);
  }
}

/** A rectangle inside an image, in pixels. */
export interface Box {
  top: number;
  left: number;
  height: number;
  width: number;
}

/** The largest square of an image, in its centre. */
export function centreSquare({ height, width }: Pick<Pixels, 'height' | 'width'>): Box {
  const side = Math.min(height, width);
  return { top: (height - side) >> 1, left: (width - side) >> 1, height: side, width: side };
}

/** The part of an image inside `box`. @throws when the box leaves the image. */
export function crop(pixels: Pixels, { top, left, height, width }: Box): Pixels {
  if (top < 0 || left < 0 || top + height > pixels.height || left + width > pixels.width || height < 1 || width < 1)
    throw new RangeError(
      `Expected a box inside the image of ${pixels.height} × ${pixels.width}, got top ${top}, left ${left}, ${height} × ${width}.`,
    );
  const data = new Uint8Array(height * width * 3);
  for (let row = 0; row < height; row++) {
    const start = ((top + row) * pixels.width + left) * 3;
    data.set(pixels.data.subarray(start, start + width * 3), row * width * 3);
  }
  return { data, height, width };
}

/**
 * Composes equal images into one, row by row: four patches become a 2 × 2 mosaic.
 * @throws when the images differ in size or don't fill the grid.
 */
export function composeGrid(images: readonly Pixels[], { columns = 2 }: { columns?: number } = {}): Pixels {
  const [first] = images;
  if (!first || images.length % columns !== 0)
    throw new Error(`Expected a whole number of rows of ${columns} images, got ${images.length} images.`);
  const { height, width } = first;
  const rows = images.length / columns;
  const data = new Uint8Array(rows * height * columns * width * 3);
  for (const [k, image] of images.entries()) {
    if (image.height !== height || image.width !== width)
      throw new Error(
        `Expected images of one size, ${height} × ${width}, got ${image.height} × ${image.width} at place ${k}.`,
      );
    const [y, x] = [Math.floor(k / columns) * height, (k % columns) * width];
    for (let row = 0; row < height; row++)
      data.set(image.data.subarray(row * width * 3, (row + 1) * width * 3), ((y + row) * columns * width + x) * 3);
  }
  return { data, height: rows * height, width: columns * width };
}

/** PNG bytes of an image. */
export function encodePng(pixels: Pixels): Promise<Buffer> {
  return asSharp(pixels).png().toBuffer();
}
