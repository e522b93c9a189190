import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { encodePng } from '../../src/datasets';
import {
  distilledDataset,
  distilledFingerprint,
  imageBytes,
  randomSelection,
  readDistilledSet,
  writeDistilledSet,
} from '../../src/methods';
import { smallDataset } from './small-dataset';

const newFolder = () => join(mkdtempSync(join(tmpdir(), 'stillhouse-')), 'set');
const someSet = () =>
  randomSelection(smallDataset({ classes: ['cup', 'oil/vinegar jug'] }), { imagesPerClass: 2, seed: 1 });

it('is the same after a folder of images and a manifest', async () => {
  const [set, folder] = [await someSet(), newFolder()];
  await writeDistilledSet(set, folder);
  expect(readdirSync(folder)).toEqual(['000-cup', '001-oil-vinegar-jug', 'manifest.json']);
  expect(readdirSync(join(folder, '000-cup'))).toEqual(['000.png', '001.png']);
  const read = await readDistilledSet(folder);
  expect(distilledFingerprint(read)).toBe(distilledFingerprint(set));
  expect({ ...read, images: read.images.map(({ sources }) => sources) }).toEqual({
    ...set,
    images: set.images.map(({ sources }) => sources),
  });
});

it('replaces a folder that was there, and leaves no other behind', async () => {
  const folder = newFolder();
  await writeDistilledSet(await randomSelection(smallDataset(), { imagesPerClass: 4, seed: 1 }), folder);
  await writeDistilledSet(await someSet(), folder);
  expect((await readDistilledSet(folder)).imagesPerClass).toBe(2);
  expect(readdirSync(join(folder, '..'))).toEqual(['set']);
});

it('names an image that is not the one written', async () => {
  const [set, folder] = [await someSet(), newFolder()];
  await writeDistilledSet(set, folder);
  const { data, ...size } = set.images[0]!.pixels;
  writeFileSync(join(folder, '000-cup/000.png'), await encodePng({ ...size, data: data.map((value) => 255 - value) }));
  await expect(readDistilledSet(folder)).rejects.toThrow(/000-cup\/000\.png to be the image in the manifest/);
});

it('names what is wrong with a manifest', async () => {
  const folder = newFolder();
  await writeDistilledSet(await someSet(), folder);
  const path = join(folder, 'manifest.json');
  const manifest = JSON.parse(readFileSync(path, 'utf8'));
  writeFileSync(path, JSON.stringify({ ...manifest, imagesPerClass: 'two' }));
  await expect(readDistilledSet(folder)).rejects.toThrow(/to be a distilled set's manifest:[\s\S]*imagesPerClass/);
});

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
