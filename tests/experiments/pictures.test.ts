import sharp from 'sharp';
import { expect, it } from 'vitest';
import { imageGrid } from '../../src/charts';
import type { MapExample } from '../../src/experiments/diffusion-driven-selection/inspect';
import { mapPicture } from '../../src/experiments/pictures';

/** Side of an image on the page for one of its pixels: as wide as the 64 pixels asked for. */
const [side, factor] = [8, 8];
const size = side * factor;

/** A grey image whose best patch is the square at (left, top). */
function example(
  [left, top, patch]: [left: number, top: number, size: number],
  { height = side, width = side }: { height?: number; width?: number } = {},
): MapExample {
  return {
    className: 'cup',
    image: 0,
    pixels: { data: new Uint8Array(height * width * 3).fill(128), height, width },
    map: { values: Float32Array.from({ length: height * width }, (_, i) => i), height, width },
    best: { image: 0, box: { left, top, size: patch }, score: 1 },
  };
}

/** The frame in a picture of one image, in the image's pixels: what an unframed picture of it hasn't. */
async function frameOf(one: MapExample) {
  const { pixels, map } = one;
  const framed = await mapPicture([[one]], { size: pixels.height * factor });
  const overlays = [{ ...map, map: map.values }];
  const plain = await imageGrid([[pixels]], { rowTitles: ['cup'], size: pixels.height * factor, overlays });
  const [a, b] = await Promise.all(
    [framed, plain].map(({ png }) => sharp(png).raw().toBuffer({ resolveWithObject: true })),
  );
  const { width, height, channels } = a!.info;
  expect(b!.info).toMatchObject({ width, height });
  const marked = [...a!.data.keys()].filter((i) => a!.data[i] !== b!.data[i]).map((i) => Math.floor(i / channels));
  if (marked.length === 0) return undefined;
  // The image is at the right end but for a fraction of a pixel, two pixels of the picture for one of the page.
  const scale = 2 * factor;
  const [xs, ys] = [
    marked.map((at) => (at % width) - (width - scale * pixels.width)),
    marked.map((at) => Math.floor(at / width)),
  ];
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs) + 1, Math.min(...ys), Math.max(...ys) + 1];
  return [left, top, right - left, bottom - top].map((value) => Math.floor(value / scale + 0.5));
}

it('frames the best patch of an image where it is, and no patch that is the whole image', async () => {
  expect(await frameOf(example([2, 1, 4]))).toEqual([2, 1, 4, 4]);
  expect(await frameOf(example([0, 4, 8], { height: 16 }))).toEqual([0, 4, 8, 8]);
  expect(await frameOf(example([0, 0, side]))).toBeUndefined();
});

it('has a row per class, though one may have fewer images', async () => {
  const { text } = await mapPicture([[example([0, 0, 4]), example([2, 2, 4])], [example([0, 0, 4])]], { size });
  expect(text).toBe('[image grid: 2 × 2 images of 8 pixels]');
});
