import { describe, expect, it } from 'vitest';
import { cropPixels } from './crop-pixels';
import { type Tensor, tf } from '../../src/engine';
import { type Observer, rdedSelection } from '../../src/methods';
import { smallDataset } from './small-dataset';

/** Finds an image the more of the first class the brighter it is. */
const seen: number[][] = [];
const observer: Observer = {
  network: {
    eval: () => {},
    forward(images: Tensor) {
      seen.push(images.shape.slice());
      const brightness = tf.mean(images, [1, 2, 3]);
      return tf.stack([brightness, tf.neg(brightness)], 1);
    },
  },
  normalisation: { mean: [0.5, 0.5, 0.5], deviation: [0.5, 0.5, 0.5] },
};

describe("RDED's selection", () => {
  it('names the image for which the observer says NaN', async () => {
    const broken: Observer = { ...observer, normalisation: { mean: [0, 0, 0], deviation: [0, 0, 0] } };
    const set = rdedSelection(smallDataset(), { observer: broken, imagesPerClass: 1, factor: 1, seed: 0 });
    await expect(set).rejects.toThrow(/Expected finite losses of image \d+'s crops, got NaN.*Check the observer/);
  });

  it('keeps the crops that the observer is surest of, surest first', async () => {
    const dataset = smallDataset({ perClass: 8 });
    const set = await rdedSelection(dataset, { observer, imagesPerClass: 3, factor: 1, scale: [1, 1], seed: 0 });
    // Whole images; brightness grows with the position (16 a step, wrapping beyond 256).
    const brightness = await Promise.all(
      Array.from(dataset.labels.keys(), async (i) =>
        (await dataset.image(i)).data.reduce((sum, value) => sum + value, 0),
      ),
    );
    for (const label of [0, 1]) {
      const positions = Array.from(dataset.labels.keys()).filter((i) => dataset.labels[i] === label);
      const order = positions.sort((a, b) =>
        label === 0 ? brightness[b]! - brightness[a]! : brightness[a]! - brightness[b]!,
      );
      const picked = set.images.filter((image) => image.label === label).map(({ sources }) => sources[0]!.image);
      expect(picked.map((i) => brightness[i])).toEqual(order.slice(0, 3).map((i) => brightness[i]));
    }
    const scores = set.images.slice(0, 3).map(({ sources }) => sources[0]!.score!);
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
  });

  it('shows the observer crops of side / factor in the middle of a whole image, and composes mosaics of them', async () => {
    seen.length = 0;
    const dataset = smallDataset({ perClass: 9 });
    const set = await rdedSelection(dataset, { observer, imagesPerClass: 2, factor: 2, crops: 3, seed: 0 });
    expect(new Set(seen.map(String))).toEqual(new Set(['3,8,8,3']));
    expect(set).toMatchObject({ method: 'RDED', factor: 2, size: 8 });
    for (const { pixels, sources } of set.images) {
      expect(sources.length).toBe(4);
      for (const [quarter, { image, box }] of sources.entries()) {
        if (box.size !== 4) continue; // Crops of the cell's own size are copied pixel for pixel.
        const cell = cropPixels(pixels, { top: (quarter >> 1) * 4, left: (quarter & 1) * 4, size: 4 });
        expect(cell).toEqual(cropPixels(await dataset.image(image), box));
      }
    }
    expect(set.images.flatMap(({ sources }) => sources).some(({ box }) => box.size === 4)).toBe(true);
  });

  it('crops wide and tall images as they are, and composes at the size asked for', async () => {
    seen.length = 0;
    const dataset = smallDataset({ perClass: 12, size: 8, long: 20 });
    const options = { observer, imagesPerClass: 2, factor: 2, crops: 4, size: 6, seed: 1 };
    const { images, ...set } = await rdedSelection(dataset, options);
    expect(new Set(seen.map(String))).toEqual(new Set(['4,6,6,3']));
    expect(set.size).toBe(6);
    expect(images[0]!.pixels).toMatchObject({ height: 6, width: 6 });
    const sources = images.flatMap((image) => image.sources);
    const shapes = await Promise.all(sources.map(({ image }) => dataset.image(image)));
    const ends = sources.map(({ box: { top, left, size } }, k) => {
      const { height, width } = shapes[k]!;
      expect(size).toBeLessThanOrEqual(8);
      expect(top + size).toBeLessThanOrEqual(height);
      expect(left + size).toBeLessThanOrEqual(width);
      return [top + size, left + size];
    });
    // Beyond the square in the centre, in both directions.
    expect(Math.max(...ends.map(([bottom]) => bottom!))).toBeGreaterThan(14);
    expect(Math.max(...ends.map(([, right]) => right!))).toBeGreaterThan(14);
  });

  it('is the same from the same seed, and names what does not fit', async () => {
    const make = (imagesPerClass: number, factor = 1) =>
      rdedSelection(smallDataset(), { observer, imagesPerClass, factor, seed: 3 });
    expect(await make(2)).toEqual(await make(2));
    await expect(make(7)).rejects.toThrow(/Expected 7 images of 'cup', got 6/);
    const few = { observer, imagesPerClass: 2, factor: 2, candidates: 7, seed: 3 };
    await expect(rdedSelection(smallDataset({ perClass: 9 }), few)).rejects.toThrow(/at least 8 candidates.*got 7/);
    await expect(make(1, 3)).rejects.toThrow(/Expected a factor that divides the image side of 8 pixels, got 3/);
  });
});
