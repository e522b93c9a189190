/** An image grid as SVG: text and frames are vectors, images are JPEGs at their own size that the viewer enlarges. */
import type { Pixels } from '../datasets';
import { BOX_COLOUR, type Box, enlarge, type HeatOverlayOptions, heatOverlay } from './draw';

/** A map over an image. */
export type Overlay = HeatOverlayOptions & { map: ArrayLike<number> };

/** An image and its place in the grid. */
export interface Tile {
  image: Pixels;
  /** Top left corner, pixels on the page. */
  x: number;
  y: number;
  /** Pixels on the page per pixel of the image, a whole number. */
  factor: number;
  overlay?: Overlay | undefined;
  boxes?: readonly Box[] | undefined;
}

/** Looks the same as the exact pixels at a fifth of the bytes. WebP is no smaller, and librsvg can't read it. */
const JPEG = { quality: 85, chromaSubsampling: '4:4:4' } as const;

/** @param marks SVG elements that are drawn beneath the images */
export async function gridSvg(
  marks: readonly string[],
  tiles: readonly Tile[],
  { width, height }: { width: number; height: number },
): Promise<string> {
  const images = await Promise.all(tiles.map(tileSvg));
  const size = `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size}>${marks.join('')}${images.join('')}</svg>`;
}

async function tileSvg({ image, x, y, factor, overlay, boxes = [] }: Tile): Promise<string> {
  const drawn = overlay ? heatOverlay(enlarge(image, factor), overlay.map, overlay) : image;
  const { default: sharp } = await import('sharp');
  const jpeg = await sharp(drawn.data, { raw: { width: drawn.width, height: drawn.height, channels: 3 } })
    .jpeg(JPEG)
    .toBuffer();
  const place = `x="${x}" y="${y}" width="${image.width * factor}" height="${image.height * factor}"`;
  const address = `data:image/jpeg;base64,${jpeg.toString('base64')}`;
  const picture = `<image ${place} image-rendering="pixelated" preserveAspectRatio="none" href="${address}"/>`;
  return [picture, ...boxes.map((box) => boxSvg(box, { x, y, factor }))].join('');
}

/** The outline lies inside the box's edge, as in `drawBox`. */
function boxSvg(box: Box, { x, y, factor }: Pick<Tile, 'x' | 'y' | 'factor'>): string {
  const line = Math.max(1.5, factor / 2);
  const side = (length: number): number => Math.max(0, length * factor - line);
  const [left, top] = [x + box.x * factor + line / 2, y + box.y * factor + line / 2];
  return `<rect x="${left}" y="${top}" width="${side(box.width)}" height="${side(box.height)}" fill="none" stroke="${box.colour ?? BOX_COLOUR}" stroke-width="${line}"/>`;
}
