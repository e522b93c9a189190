import { expect, it } from 'vitest';
import { encodePng } from '../../src/datasets';
import { distilledDataset, distilledFingerprint, imageBytes, randomSelection } from '../../src/methods';
import { smallDataset } from './small-dataset';

const someSet = () =>
  randomSelection(smallDataset({ classes: ['cup', 'oil/vinegar jug'] }), { imagesPerClass: 2, seed: 1 });

it('is a dataset: labels, images, subsets, fingerprints of content', async () => {
  const set = await someSet();
  const dataset = distilledDataset(set);
  expect(Array.from(dataset.labels)).toEqual([0, 0, 1, 1]);
  expect(await dataset.image(2)).toEqual(set.images[2]!.pixels);
  expect(dataset.fingerprint).toBe(distilledFingerprint(set));
  const part = dataset.subset([3, 0]);
  expect(Array.from(part.labels)).toEqual([1, 0]);
  expect(part.id(1)).toBe(dataset.id(0));
  expect(part.fingerprint).not.toBe(dataset.fingerprint);
  expect(() => dataset.id(4)).toThrow(/Expected an image index in 0 … 3 of random, 2 a class, got 4/);
});

it('costs what its PNG files cost', async () => {
  const set = await someSet();
  const sizes = await Promise.all(set.images.map(({ pixels }) => encodePng(pixels)));
  expect(await imageBytes(set)).toBe(sizes.reduce((sum, { length }) => sum + length, 0));
});
