import { describe, expect, it } from 'vitest';
import { composeImages, randomSelection } from '../../src/methods';
import { smallDataset } from './small-dataset';

describe('random selection', () => {
  it('takes different images of each class, as many as asked for', async () => {
    const dataset = smallDataset();
    const set = await randomSelection(dataset, { imagesPerClass: 3, seed: 0 });
    expect(set.images.map(({ label }) => label)).toEqual([0, 0, 0, 1, 1, 1]);
    const sources = set.images.flatMap((image) => image.sources.map((source) => source.image));
    expect(new Set(sources).size).toBe(6);
    for (const [k, image] of set.images.entries()) {
      expect(dataset.labels[sources[k]!]).toBe(image.label);
      expect(image.pixels).toEqual(await dataset.image(sources[k]!));
      expect(image.sources[0]!.id).toBe(dataset.id(sources[k]!));
    }
  });

  it('takes the same from the same seed and others from another', async () => {
    const pick = async (seed: number) =>
      (await randomSelection(smallDataset({ perClass: 40 }), { imagesPerClass: 5, seed })).images.map(
        ({ sources }) => sources[0]!.image,
      );
    expect(await pick(1)).toEqual(await pick(1));
    expect(await pick(1)).not.toEqual(await pick(2));
  });

  it('composes mosaics of the same budget, of squares that lie inside their images', async () => {
    const set = await randomSelection(smallDataset({ perClass: 9 }), {
      imagesPerClass: 2,
      seed: 0,
      factor: 2,
      patchSize: 5,
    });
    expect(set).toMatchObject({ method: 'random patches', factor: 2, size: 8 });
    for (const { pixels, sources } of set.images) {
      expect(pixels).toMatchObject({ height: 8, width: 8 });
      expect(sources.length).toBe(4);
      for (const { box } of sources) {
        expect(box.size).toBe(5);
        expect(Math.max(box.top, box.left)).toBeLessThanOrEqual(3);
      }
    }
  });

  it('takes the square in the middle of wide and tall images, and patches from all of them', async () => {
    const dataset = smallDataset({ perClass: 40, size: 8, long: 14 });
    const whole = await randomSelection(dataset, { imagesPerClass: 8, seed: 0, size: 4 });
    const patches = await randomSelection(dataset, { imagesPerClass: 5, patchSize: 6, factor: 2, seed: 0 });
    for (const { pixels, sources } of [...whole.images, ...patches.images]) {
      expect(pixels).toMatchObject(sources.length === 1 ? { height: 4, width: 4 } : { height: 8, width: 8 });
    }
    const shapes = await Promise.all(
      whole.images.map(async ({ sources: [source] }) => {
        const { height, width } = await dataset.image(source!.image);
        return [height, width, source!.box.top, source!.box.left, source!.box.size].join();
      }),
    );
    expect(new Set(shapes)).toEqual(new Set(['8,14,0,3,8', '14,8,3,0,8']));
    const boxes = patches.images.flatMap(({ sources }) => sources.map(({ box }) => box));
    expect(Math.max(...boxes.map(({ top }) => top))).toBeGreaterThan(2);
    expect(Math.max(...boxes.map(({ left }) => left))).toBeGreaterThan(2);
  });

  it('names the class that has too few images', async () => {
    await expect(randomSelection(smallDataset(), { imagesPerClass: 2, seed: 0, factor: 2 })).rejects.toThrow(
      /Expected 8 images of 'cup', got 6/,
    );
    await expect(randomSelection(smallDataset(), { imagesPerClass: 1, seed: 0, patchSize: 9 })).rejects.toThrow(
      /Expected a patch size of 1 to 8 pixels in an image of 8 × 8, got 9/,
    );
  });
});

describe('composeImages', () => {
  const patch = (image: number, top = 0, left = 0, size = 8) => ({ image, id: '', box: { top, left, size } });

  it("gives image j the patches j, n + j, 2n + j, 3n + j: RDED's rule", async () => {
    const patches = Array.from({ length: 8 }, (_, k) => patch(k));
    const images = await composeImages(smallDataset(), patches, { label: 0, size: 8, factor: 2 });
    expect(images.map(({ sources }) => sources.map(({ image }) => image))).toEqual([
      [0, 2, 4, 6],
      [1, 3, 5, 7],
    ]);
  });

  it('cuts out the box and nothing else where no size changes', async () => {
    const dataset = smallDataset();
    const [image] = await composeImages(
      dataset,
      [0, 1, 2, 3].map((k) => patch(k, 2, 3, 4)),
      { label: 0, size: 8, factor: 2 },
    );
    const source = await dataset.image(3);
    // Lower right quarter: image 3, rows 2 …, columns 3 ….
    for (let y = 0; y < 4; y++)
      for (let x = 0; x < 4; x++)
        expect(image!.pixels.data[((y + 4) * 8 + x + 4) * 3]).toBe(source.data[((y + 2) * 8 + x + 3) * 3]);
  });

  it('refuses patches that do not fill the images', async () => {
    await expect(composeImages(smallDataset(), [patch(0)], { label: 0, size: 8, factor: 2 })).rejects.toThrow(
      /Expected a multiple of 4 patches, got 1/,
    );
    await expect(composeImages(smallDataset(), [patch(0), patch(1)], { label: 0, size: 8, factor: 3 })).rejects.toThrow(
      /Expected a factor that divides the image side of 8 pixels, got 3/,
    );
  });
});
