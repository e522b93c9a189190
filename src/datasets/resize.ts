/** Resizing of images. Separate from decoding, because stored losses depend on this file and not on that one. */

import sharp, { type OutputInfo } from 'sharp';
import type { Pixels } from './record';

/** How pixels are interpolated when an image changes size. */
export type Kernel = 'nearest' | 'linear' | 'cubic' | 'lanczos3';

/** What sharp gives as raw bytes, as RGB. */
export function fromRaw({ data, info }: { data: Buffer; info: OutputInfo }): Pixels {
  const { width, height, channels } = info;
  // A plain array, not Node's Buffer, whose slices share memory.
  if (channels === 3) return { data: new Uint8Array(data.buffer, data.byteOffset, data.length), width, height };
  const rgb = new Uint8Array(width * height * 3);
  for (let k = 0; k < width * height; k++)
    for (let c = 0; c < 3; c++) rgb[3 * k + c] = data[k * channels + (channels < 3 ? 0 : c)]!;
  return { data: rgb, width, height };
}

/** Pixels as an input of sharp. */
export const asSharp = ({ data, width, height }: Pixels) => sharp(data, { raw: { width, height, channels: 3 } });

/** Stretches an image to height × width. */
export async function resizePixels(
  pixels: Pixels,
  height: number,
  width: number,
  { kernel = 'lanczos3' }: { kernel?: Kernel } = {},
): Promise<Pixels> {
  if (pixels.height === height && pixels.width === width) return pixels;
  const resized = asSharp(pixels).resize(width, height, { fit: 'fill', kernel });
  return fromRaw(await resized.raw().toBuffer({ resolveWithObject: true }));
}
