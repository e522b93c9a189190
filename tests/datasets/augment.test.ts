import { expect, it } from 'vitest';
import { randomCropBox, randomResizedCropBox } from '../../src/datasets/augment';
import { RandomStream } from '../../src/engine/random';

it('randomResizedCropBox keeps area and ratio within their ranges, and the box inside the image', () => {
  const random = new RandomStream(0, 'crop');
  let area = 0;
  for (let k = 0; k < 400; k++) {
    const { top, left, height, width } = randomResizedCropBox(random, 200, 300);
    expect(Math.min(top, left)).toBeGreaterThanOrEqual(0);
    expect(top + height).toBeLessThanOrEqual(200);
    expect(left + width).toBeLessThanOrEqual(300);
    expect(width / height).toBeGreaterThan(0.73);
    expect(width / height).toBeLessThan(1.36);
    area += (height * width) / 60_000;
  }
  expect(area / 400).toBeGreaterThan(0.35);
  expect(area / 400).toBeLessThan(0.55);
});

it('randomResizedCropBox falls back to the centre when no box can fit', () => {
  const box = randomResizedCropBox(new RandomStream(0), 10, 100, { scale: [1, 1] });
  expect(box).toEqual({ top: 0, left: 43, height: 10, width: 13 });
});

it('randomCropBox reaches every place', () => {
  const random = new RandomStream(1, 'crop');
  const places = new Set(
    Array.from({ length: 400 }, () => randomCropBox(random, 5, 6, 4)).map(({ top, left }) => `${top},${left}`),
  );
  expect(places.size).toBe(6);
  expect(() => randomCropBox(random, 5, 6, 7)).toThrow('1 … 5, got 7');
});
