/** Drawing on pixels: overlays, boxes, sizes. All functions return new pixels. */
import type { Pixels } from '../datasets';
import { type ColormapName, colormap, parseColour } from './colormap';
import { shownValue } from './results';

export interface HeatOverlayOptions {
  /** Shape of the map; it is stretched over the image (bilinear). */
  height: number;
  width: number;
  /** Default: 'magma'. */
  colours?: ColormapName;
  /** Opacity of the map where it is highest, 0 … 1. Default: 0.75. */
  opacity?: number;
  /** Make low values transparent, so that the image shows through. Default: true. */
  fade?: boolean;
  /** Values at the two ends of the colour map. Default: the map's minimum and maximum. */
  domain?: readonly [number, number];
}

/** @throws RangeError unless the map has height × width values, and at least one */
function checkMap(map: ArrayLike<number>, { height, width }: Pick<HeatOverlayOptions, 'height' | 'width'>): void {
  if (map.length === 0) throw new RangeError('Expected a map of at least one value, got none.');
  if (map.length === height * width) return;
  throw new RangeError(
    `Expected a map of ${height} × ${width} = ${height * width} values, got ${map.length}. Pass its own height and width.`,
  );
}

/**
 * Lays a map (noise difference, attention, density) over an image. NaN is grey.
 * @param map `height × width` values, row-major.
 * @throws when the map has another length.
 */
export function heatOverlay(image: Pixels, map: ArrayLike<number>, options: HeatOverlayOptions): Pixels {
  const { height, width, colours = 'magma', opacity = 0.75, fade = true } = options;
  checkMap(map, options);
  const [low, high] = options.domain ?? extremes(map);
  const colour = colormap(colours);
  const data = new Uint8Array(image.data.length);
  for (let y = 0; y < image.height; y++) {
    for (let x = 0; x < image.width; x++) {
      const value = bilinear(
        map,
        height,
        width,
        ((y + 0.5) * height) / image.height - 0.5,
        ((x + 0.5) * width) / image.width - 0.5,
      );
      const isKnown = !Number.isNaN(value);
      const level = high > low ? Math.min(1, Math.max(0, (value - low) / (high - low))) : 0;
      const rgb = colour(isKnown ? level : value);
      const alpha = fade && isKnown ? opacity * level : opacity;
      const at = (y * image.width + x) * 3;
      for (let c = 0; c < 3; c++) data[at + c] = Math.round(image.data[at + c]! * (1 - alpha) + rgb[c]! * alpha);
    }
  }
  return { data, height: image.height, width: image.width };
}

/** A map as an image, one pixel per value; NaN is grey. @throws when the map has another length. */
export function heatImage(
  map: ArrayLike<number>,
  { height, width, colours = 'viridis', domain }: Pick<HeatOverlayOptions, 'height' | 'width' | 'colours' | 'domain'>,
): Pixels {
  checkMap(map, { height, width });
  const [low, high] = domain ?? extremes(map);
  const colour = colormap(colours);
  const data = new Uint8Array(height * width * 3);
  for (let i = 0; i < height * width; i++) data.set(colour(high > low ? (map[i]! - low) / (high - low) : 0.5), i * 3);
  return { data, height, width };
}

/** Smallest and largest finite value; [0, 0] when there is none. */
export function extremes(values: ArrayLike<number>): [low: number, high: number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isFinite(value)) continue;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low <= high ? [low, high] : [0, 0];
}

function bilinear(map: ArrayLike<number>, height: number, width: number, y: number, x: number): number {
  const [y0, x0] = [Math.min(height - 1, Math.max(0, y)), Math.min(width - 1, Math.max(0, x))];
  const [top, left] = [Math.floor(y0), Math.floor(x0)];
  const [bottom, right] = [Math.min(height - 1, top + 1), Math.min(width - 1, left + 1)];
  const [dy, dx] = [y0 - top, x0 - left];
  const at = (row: number, column: number) => map[row * width + column]!;
  return (
    (at(top, left) * (1 - dx) + at(top, right) * dx) * (1 - dy) +
    (at(bottom, left) * (1 - dx) + at(bottom, right) * dx) * dy
  );
}

export const BOX_COLOUR = '#ffd23f';

/** A rectangle, in pixels of the image. */
export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
  /** '#rrggbb'. Default: '#ffd23f'. */
  colour?: string;
}

/**
 * Draws the outline of a box inside its edge, `thickness` pixels wide (default: 1), clipped to the image.
 * @throws RangeError when a side or a coordinate is not finite.
 */
export function drawBox(image: Pixels, box: Box, { thickness = 1 }: { thickness?: number } = {}): Pixels {
  if (![box.x, box.y, box.width, box.height].every(Number.isFinite))
    throw new RangeError(`Expected a box with finite x, y, width and height, got ${shownValue(box)}.`);
  const colour = parseColour(box.colour ?? BOX_COLOUR);
  const data = Uint8Array.from(image.data);
  const [x0, y0] = [Math.round(box.x), Math.round(box.y)];
  const [x1, y1] = [Math.round(box.x + box.width), Math.round(box.y + box.height)];
  for (let y = Math.max(0, y0); y < Math.min(image.height, y1); y++) {
    for (let x = Math.max(0, x0); x < Math.min(image.width, x1); x++) {
      const edge = x < x0 + thickness || x >= x1 - thickness || y < y0 + thickness || y >= y1 - thickness;
      if (edge) data.set(colour, (y * image.width + x) * 3);
    }
  }
  return { data, height: image.height, width: image.width };
}

/**
 * Enlarges by a whole factor without blurring, so that the pixels of small images stay visible.
 * @throws RangeError unless the factor is a whole number of at least 1.
 */
export function enlarge(image: Pixels, factor: number): Pixels {
  if (!Number.isInteger(factor) || factor < 1)
    throw new RangeError(`Expected a whole factor of at least 1, got ${factor}.`);
  if (factor === 1) return image;
  const [height, width] = [image.height * factor, image.width * factor];
  const data = new Uint8Array(height * width * 3);
  for (let y = 0; y < height; y++) {
    const row = Math.floor(y / factor) * image.width;
    for (let x = 0; x < width; x++) {
      const from = (row + Math.floor(x / factor)) * 3;
      const to = (y * width + x) * 3;
      data[to] = image.data[from]!;
      data[to + 1] = image.data[from + 1]!;
      data[to + 2] = image.data[from + 2]!;
    }
  }
  return { data, height, width };
}
