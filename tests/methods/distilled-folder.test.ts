import { mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { encodePng, imageFolder } from '../../src/datasets';
import { distilledFingerprint, loadDistilledSet, randomSelection, saveDistilledSet } from '../../src/methods';
import { temporaryFolder } from '../helpers/temporary';
import { smallDataset } from './small-dataset';

const home = temporaryFolder();
let count = 0;
const newFolder = () => join(home, String(count++), 'set');
const someSet = (classes = ['cup', 'oil/vinegar jug']) =>
  randomSelection(smallDataset({ classes }), { imagesPerClass: 2, seed: 1 });

async function saved(): Promise<string> {
  const folder = newFolder();
  await saveDistilledSet(await someSet(), folder);
  return folder;
}

describe('a saved distilled set', () => {
  it('is an image folder with a manifest, and the same set when loaded', async () => {
    const [set, folder] = [await someSet(), newFolder()];
    expect(await saveDistilledSet(set, folder)).toEqual({ folder, images: 4 });
    expect(readdirSync(folder)).toEqual(['manifest.json', 'train']);
    expect(readdirSync(join(folder, 'train'))).toEqual(['cup', 'oil-vinegar jug']);
    expect(readdirSync(join(folder, 'train/cup'))).toEqual(['000.png', '001.png']);
    const loaded = await loadDistilledSet(folder);
    expect(loaded).toEqual(set);
    expect(distilledFingerprint(loaded)).toBe(distilledFingerprint(set));
  });

  it.each([
    [
      ['teapot', 'cup'],
      ['000-teapot', '001-cup'],
    ],
    [
      ['a?', 'a*'],
      ['000-a-', '001-a-'],
    ],
    [
      ['..', 'x'],
      ['000-', '001-x'],
    ],
  ])('of %j has folders in label order, numbered where the names are not', async (classes, folders) => {
    const folder = newFolder();
    await saveDistilledSet(await someSet(classes), folder);
    expect(readdirSync(join(folder, 'train')).sort()).toEqual(folders);
    expect((await loadDistilledSet(folder)).classes).toEqual(classes);
  });

  it('is read by our own imageFolder, with the same labels', async () => {
    const folder = await saved();
    const options = { folder, split: 'train', size: 8, indexPath: join(dirname(folder), 'index') } as const;
    const dataset = await imageFolder(options);
    expect([...dataset.labels]).toEqual([0, 0, 1, 1]);
    expect((await dataset.image(2)).data).toEqual((await someSet()).images[2]!.pixels.data);
  });

  it('replaces one that was there, and leaves no other folder behind', async () => {
    const folder = await saved();
    await saveDistilledSet(await randomSelection(smallDataset(), { imagesPerClass: 4, seed: 1 }), folder);
    expect((await loadDistilledSet(folder)).imagesPerClass).toBe(4);
    expect(readdirSync(dirname(folder))).toEqual(['set']);
  });

  it('never replaces a folder that holds anything else', async () => {
    const folder = newFolder();
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'holiday.jpg'), 'a photo');
    await expect(saveDistilledSet(await someSet(), folder)).rejects.toThrow(/to be new, empty .* found holiday\.jpg/);
    expect(readdirSync(folder)).toEqual(['holiday.jpg']);
    const other = await saved();
    writeFileSync(join(other, 'notes.txt'), 'mine');
    await expect(saveDistilledSet(await someSet(), other)).rejects.toThrow(/found notes\.txt in it/);
  });
});

describe('a damaged folder', () => {
  const image = 'train/cup/000.png';

  it.each<[string, (folder: string) => unknown, RegExp]>([
    ['no manifest', (folder) => rmSync(join(folder, 'manifest.json')), /found no manifest\.json/],
    ['half a manifest', (folder) => truncateSync(join(folder, 'manifest.json'), 100), /manifest\.json to be JSON/],
    ['a missing image', (folder) => rmSync(join(folder, image)), /cup\/000\.png is missing/],
    ['half an image', (folder) => truncateSync(join(folder, image), 60), /Can't read the image .*cup\/000\.png/],
    [
      'an added image',
      (folder) => writeFileSync(join(folder, 'train/cup/new.png'), ''),
      /new\.png is not in its manifest/,
    ],
  ])('with %s is named', async (_, damage, message) => {
    const folder = await saved();
    damage(folder);
    await expect(loadDistilledSet(folder)).rejects.toThrow(message);
  });

  it('with another picture in place of an image is named', async () => {
    const folder = await saved();
    const { data, ...size } = (await someSet()).images[0]!.pixels;
    writeFileSync(join(folder, image), await encodePng({ ...size, data: data.map((value) => 255 - value) }));
    await expect(loadDistilledSet(folder)).rejects.toThrow(/pixels of .*cup\/000\.png are not those that were saved/);
  });

  it.each([
    [{ imagesPerClass: 'two' }, /version 2:[\s\S]*imagesPerClass/],
    [{ version: 1 }, /version 2:[\s\S]*version/],
    [{ classes: ['cup'] }, /label 1, with 1 classes/],
  ])('with %j in its manifest is named', async (change, message) => {
    const folder = await saved();
    const path = join(folder, 'manifest.json');
    writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), ...change }));
    await expect(loadDistilledSet(folder)).rejects.toThrow(message);
  });
});
