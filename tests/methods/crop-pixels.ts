import { crop, type Pixels } from '../../src/datasets';

/** The bytes inside a square. */
export const cropPixels = (
  pixels: Pixels,
  { top, left, size }: { top: number; left: number; size: number },
): number[] => Array.from(crop(pixels, { top, left, height: size, width: size }).data);
