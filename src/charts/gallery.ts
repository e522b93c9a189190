/** Image grids: pictures in rows and columns with captions, coloured borders, overlays and boxes, as one picture. */
import type { Pixels } from '../datasets';
import { expectAtLeast, expectFinite } from './checks';
import { parseColour } from './colormap';
import { type Box, drawBox, enlarge, heatOverlay } from './draw';
import { escapeHtml, shorten } from './escape';
import { gridSvg, type Overlay, type Tile } from './grid-svg';
import { DISPLAY, type Displayable, MIME, type MimeBundle, withMetadata } from './mime';
import { svgToPng } from './rasterise';
import { textWidth } from './text-metrics';
import { FONT, INK, type ThemeMode } from './theme';

export interface ImageGridOptions {
  /** Images per row. Default: the rows as given, or up to 10 of a flat list. */
  columns?: number;
  /** Side of an image on the page, in pixels; images are enlarged by the whole factor that comes nearest. Default: 96. */
  size?: number;
  /** Space between images, px. Default: 4. */
  gap?: number;
  /** Text under each image, in reading order. */
  captions?: readonly (string | undefined)[];
  /** Text above each column. */
  columnTitles?: readonly string[];
  /** Text to the left of each row. */
  rowTitles?: readonly string[];
  /** Border colour of each image, '#rrggbb', in reading order. */
  borders?: readonly (string | undefined)[];
  /** A map over each image, in reading order. */
  overlays?: readonly (Overlay | undefined)[];
  /** Boxes on each image, in its own pixels, in reading order. */
  boxes?: readonly (readonly Box[] | undefined)[];
  title?: string;
  /** Text under the grid. */
  note?: string;
  /** Look of the text. Default: 'either'. */
  mode?: ThemeMode;
  /** Most images drawn; if there are more, the note says so. Default: 400. */
  limit?: number;
}

/** A finished grid. */
export interface ImageGrid extends Displayable {
  /** Holds the images' exact pixels. */
  png: Buffer;
  /** Size on the page; the PNG has twice as many pixels. */
  width: number;
  height: number;
  /** The grid at its size on the page, for files made to be looked at. */
  webp(): Promise<Buffer>;
  /** What the picture shows, for a reader without it. */
  text: string;
  /** The same images drawn again, with other options. */
  redraw(changes: ImageGridOptions): Promise<ImageGrid>;
}

/** A grid made by `imageGrid`. */
export function isImageGrid(value: unknown): value is ImageGrid {
  const grid = value as Partial<ImageGrid> | null | undefined;
  return typeof grid?.redraw === 'function' && Buffer.isBuffer(grid.png);
}

const SCALE = 2;
/** A PNG of more bytes is shown as SVG with JPEG images instead: photos and textures hardly compress as PNG. */
const PNG_LIMIT = 100_000;
const CAPTION = 11;

/**
 * Lays images out in a grid. Sizes may differ: each image is centred in a cell of the largest.
 * @param images rows of images, or a flat list that is broken after `columns`.
 * @throws when there are no images, or one of them has no pixels.
 * @example await show(await imageGrid(pixels, { columns: 10, captions: classes, borders: colours }))
 */
export async function imageGrid(
  images: readonly Pixels[] | readonly (readonly Pixels[])[],
  options: ImageGridOptions = {},
): Promise<ImageGrid> {
  const {
    gap = 4,
    captions,
    columnTitles,
    rowTitles,
    borders,
    title,
    mode = 'either',
    limit = 400,
    size = 96,
  } = options;
  checkGrid(images.flat() as Pixels[], { ...options, size, limit });
  const { cells, columns, total } = layOut(images, options.columns, limit);
  const shown = cells.filter((cell) => cell !== undefined);
  const natural = Math.max(...shown.map(({ image }) => Math.max(image.width, image.height)));
  const factor = Math.max(1, Math.round(size / natural));
  const cellWidth = Math.max(...shown.map(({ image }) => image.width)) * factor;
  const cellHeight = Math.max(...shown.map(({ image }) => image.height)) * factor;
  const rows = Math.ceil(cells.length / columns);
  const border = borders ? 3 : 0;
  const captionHeight = captions ? CAPTION + 7 : 0;
  const left = rowTitles ? Math.min(180, Math.max(...rowTitles.map((text) => textWidth(text, 12))) + 14) : 0;
  const top = (title ? 26 : 0) + (columnTitles ? 20 : 0);
  const stepX = cellWidth + 2 * border + gap;
  const stepY = cellHeight + 2 * border + captionHeight + gap;
  const cut = total > shown.length ? `${shown.length} of ${total} images shown` : undefined;
  const note = [options.note, cut].filter(Boolean).join('; ') || undefined;
  const width = Math.ceil(
    Math.max(left + columns * stepX - gap, title ? textWidth(title, 14) + 4 : 0, note ? textWidth(note, CAPTION) : 0),
  );
  const height = top + rows * stepY - gap + (note ? CAPTION + 9 : 0);

  const { ink, quiet, background } = INK[mode];
  const text = (
    x: number,
    y: number,
    words: string,
    anchor = 'middle',
    fontSize = CAPTION,
    fill = quiet,
    weight = 'normal',
  ) =>
    `<text x="${x}" y="${y}" text-anchor="${anchor}" font-family="${escapeHtml(FONT)}" font-size="${fontSize}" font-weight="${weight}" fill="${fill}">${escapeHtml(words)}</text>`;
  const marks: string[] = [];
  const tiles: Tile[] = [];
  if (background !== 'transparent') marks.push(`<rect width="${width}" height="${height}" fill="${background}"/>`);
  if (title) marks.push(text(0, 14, title, 'start', 14, ink, '600'));
  columnTitles?.slice(0, columns).forEach((words, c) => {
    marks.push(text(left + c * stepX + (stepX - gap) / 2, top - 7, shortenTo(words, stepX, 12), 'middle', 12));
  });
  rowTitles?.slice(0, rows).forEach((words, r) => {
    marks.push(
      text(left - 10, top + r * stepY + border + cellHeight / 2 + 4, shortenTo(words, left - 10, 12), 'end', 12),
    );
  });
  cells.forEach((cell, position) => {
    if (!cell) return;
    const { image, index } = cell;
    const [x, y] = [left + (position % columns) * stepX, top + Math.floor(position / columns) * stepY];
    const dx = Math.floor((cellWidth - image.width * factor) / 2) + border;
    const dy = Math.floor((cellHeight - image.height * factor) / 2) + border;
    const colour = borders?.[index];
    if (colour) {
      parseColour(colour);
      marks.push(
        `<rect x="${x + dx - border}" y="${y + dy - border}" width="${image.width * factor + 2 * border}" height="${image.height * factor + 2 * border}" rx="2" fill="${colour}"/>`,
      );
    }
    const [overlay, boxes] = [options.overlays?.[index], options.boxes?.[index]];
    tiles.push({ image, x: x + dx, y: y + dy, factor, overlay, boxes });
    const caption = captions?.[index];
    if (caption)
      marks.push(
        text(x + cellWidth / 2 + border, y + cellHeight + 2 * border + CAPTION + 1, shortenTo(caption, stepX, CAPTION)),
      );
  });
  if (note) marks.push(text(0, height - 4, note, 'start'));

  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${marks.join('')}</svg>`;
  const { default: sharp } = await import('sharp');
  const png = await sharp(await svgToPng(svg, { scale: SCALE }))
    .composite(tiles.map(pixelsInPlace))
    .png({ compressionLevel: 9, adaptiveFiltering: true })
    .toBuffer();
  const shows = [title, `${rows} × ${columns} images of ${natural} pixels`, note].filter(Boolean).join(', ');
  const words = `[image grid: ${shows}]`;
  return {
    png,
    width,
    height,
    text: words,
    webp: () => sharp(png).resize({ width }).webp({ quality: 85 }).toBuffer(),
    redraw: (changes) => imageGrid(images, { ...options, ...changes }),
    [DISPLAY]: async () =>
      png.length <= PNG_LIMIT
        ? pngBundle(png, { width, text: words })
        : { [MIME.svg]: await gridSvg(marks, tiles, { width, height }), [MIME.text]: words },
  };
}

/** @throws an error that names the image or option that can't be drawn */
function checkGrid(
  images: readonly Pixels[],
  { size, limit, gap, columns }: Pick<ImageGridOptions, 'size' | 'limit' | 'gap' | 'columns'>,
): void {
  expectAtLeast(1, { size, limit, columns });
  expectAtLeast(0, { gap });
  expectFinite({ size, gap });
  const at = images.findIndex((image) => {
    const { width = 0, height = 0, data } = (image ?? {}) as Partial<Pixels>;
    return !(width >= 1 && height >= 1 && data?.length === width * height * 3);
  });
  if (at < 0) return;
  const { width, height, data } = (images[at] ?? {}) as Partial<Pixels>;
  throw new RangeError(
    `Expected every image to have pixels, width × height × 3 bytes of data, got ${width} × ${height} with ${data?.length ?? 'no'} bytes at place ${at}.`,
  );
}

/** Bundle of a PNG that was drawn at twice its size on the page. @param options.width on the page, pixels */
export function pngBundle(png: Buffer, { width, text }: { width: number; text: string }): MimeBundle {
  return withMetadata({ [MIME.png]: png.toString('base64'), [MIME.text]: text }, { [MIME.png]: { width } });
}

/** The cells of the grid, undefined where a short row leaves a gap. `index` is an image's position in reading order. */
function layOut(images: readonly Pixels[] | readonly (readonly Pixels[])[], wanted: number | undefined, limit: number) {
  const nested = images.some(Array.isArray);
  const flat = images.flat() as Pixels[];
  if (flat.length === 0) throw new RangeError('Expected `images` to hold at least one image, got none.');
  const columns = nested
    ? Math.max(...(images as readonly (readonly Pixels[])[]).map((row) => row.length))
    : (wanted ?? Math.min(10, flat.length));
  let index = 0;
  const rows: ({ image: Pixels; index: number } | undefined)[][] = nested
    ? (images as readonly (readonly Pixels[])[]).map((row) =>
        Array.from({ length: columns }, (_, c) => (row[c] ? { image: row[c], index: index++ } : undefined)),
      )
    : [flat.map((image) => ({ image, index: index++ }))];
  const cells = rows.flat().filter((cell, position) => (cell?.index ?? position) < limit);
  return { cells, columns, total: flat.length };
}

/** A tile's enlarged pixels with map and boxes, as an input of sharp's `composite`. */
function pixelsInPlace({ image, x, y, factor, overlay, boxes = [] }: Tile) {
  const scale = factor * SCALE;
  const large = enlarge(image, scale);
  let drawn = overlay ? heatOverlay(large, overlay.map, overlay) : large;
  for (const box of boxes) {
    const scaled = { ...box, x: box.x * scale, y: box.y * scale, width: box.width * scale, height: box.height * scale };
    drawn = drawBox(drawn, scaled, { thickness: Math.max(3, factor) });
  }
  const { data, width, height } = drawn;
  const raw = { width, height, channels: 3 as const };
  return { input: Buffer.from(data), raw, left: Math.round(x * SCALE), top: Math.round(y * SCALE) };
}

/** Shortens text to a width in pixels. */
function shortenTo(words: string, width: number, size: number): string {
  let text = words;
  for (let length = words.length; length > 1 && textWidth(text, size) > width; length--)
    text = shorten(words, length - 1);
  return text;
}
