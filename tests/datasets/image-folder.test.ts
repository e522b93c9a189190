import { mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { type ImageFolderOptions, imageFolder } from '../../src/datasets/image-folder';
import { imageWoof } from '../../src/datasets/subsets';
import { loadImages, readableSubset, streamImages } from '../../src/datasets/stream';
import { MissingDataError, UnreadableImageError } from '../../src/datasets/errors';
import { sharedData } from '../helpers/shared-data';
import { temporaryFolder } from '../helpers/temporary';

const folder = temporaryFolder();
const indexPath = join(folder, 'index.json');
const paint = (red: number) =>
  sharp({ create: { width: 40, height: 24, channels: 3, background: { r: red, g: 60, b: 90 } } });
const put = (path: string, bytes: Uint8Array) => writeFileSync(join(folder, 'train', path), bytes);
const open = (options: Partial<ImageFolderOptions> = {}) =>
  imageFolder({ folder, split: 'train', size: 16, indexPath, ...options });

beforeAll(async () => {
  for (const name of ['apple', 'plum', '.hidden']) mkdirSync(join(folder, 'train', name), { recursive: true });
  put('apple/a.png', await paint(10).png().toBuffer());
  put('apple/b.jpg', await paint(20).webp({ lossless: true }).toBuffer()); // a WebP that calls itself JPEG
  put('apple/notes.txt', Buffer.from('not an image'));
  put('plum/c.webp', await paint(30).webp({ lossless: true }).toBuffer());
  put('plum/d.JPG', await paint(40).jpeg({ quality: 100 }).toBuffer());
});

describe('imageFolder', () => {
  it('reads classes and images in sorted order, squares of the asked size', async () => {
    const data = await open();
    expect(data.classes).toEqual(['apple', 'plum']);
    expect([...data.labels]).toEqual([0, 0, 1, 1]);
    const { pixels, size } = await loadImages(data);
    expect([0, 1, 2].map((k) => pixels[k * size * size * 3])).toEqual([10, 20, 30]);
  });

  it('keeps the aspect ratio or crops to squares, and tells the two apart; loaded together they are squares', async () => {
    const [wide, square] = [await open({ keepRatio: true }), await open({ keepRatio: false })];
    expect(await wide.image(0)).toMatchObject({ height: 16, width: 27 }); // of 24 × 40
    expect(await square.image(0)).toMatchObject({ height: 16, width: 16 });
    expect(wide.size).toBe(16);
    expect(wide.id(0)).not.toBe(square.id(0));
    const [first] = (await loadImages(wide)).pixels;
    expect([(await loadImages(wide)).pixels.length, first]).toEqual([4 * 16 * 16 * 3, 10]);
  });

  it('takes a random pool of each class, nested', async () => {
    for (let k = 0; k < 12; k++)
      put(
        `plum/extra-${k}.png`,
        await paint(100 + k)
          .png()
          .toBuffer(),
      );
    const ids = async (perClass: number, poolSeed = 0) => {
      const data = await open({ perClass, poolSeed });
      return Array.from(data.labels.keys(), (i) => data.id(i));
    };
    const [small, large, other] = [await ids(4), await ids(9), await ids(4, 1)];
    expect([...(await open({ perClass: 4 })).labels]).toEqual([0, 0, 1, 1, 1, 1]);
    expect(small.filter((id) => !large.includes(id))).toEqual([]);
    expect(other).not.toEqual(small);
    for (let k = 0; k < 12; k++) rmSync(join(folder, 'train', 'plum', `extra-${k}.png`));
  });

  it('identifies images by content and size, not by path or time', async () => {
    const data = await open();
    const bytes = readFileSync(join(folder, 'train', 'apple', 'a.png'));
    put('plum/e.png', bytes);
    utimesSync(join(folder, 'train', 'apple', 'a.png'), 1000, 1000);
    const again = await open();
    expect(again.id(4)).toBe(data.id(0));
    expect(again.id(0)).toBe(data.id(0));
    expect(again.fingerprint).not.toBe(data.fingerprint);
    expect((await open({ size: 8 })).id(0)).not.toBe(data.id(0));
    expect(data.subset([2]).id(0)).toBe(data.id(2));
  });

  it('hashes a file again only when its size or time changed, and mends a damaged index', async () => {
    const first = (await open()).id(0);
    const entries = JSON.parse(readFileSync(indexPath, 'utf8')) as Record<string, [number, number, string]>;
    const path = join(folder, 'train', 'apple', 'a.png');
    entries[path]![2] = 'remembered';
    writeFileSync(indexPath, JSON.stringify(entries));
    const remembered = (await open()).id(0);
    expect(remembered).not.toBe(first);
    writeFileSync(indexPath, '{ broken');
    expect((await open()).id(0)).toBe(first);
  });

  it('names what is missing', async () => {
    await expect(imageFolder({ folder: join(folder, 'nowhere'), indexPath })).rejects.toThrow(MissingDataError);
    await expect(imageFolder({ folder, split: 'test', indexPath })).rejects.toThrow(/test or .*val/);
    await expect(imageFolder({ folder, split: 'train', subset: imageWoof, indexPath })).rejects.toThrow(
      "'Australian terrier' (n02096294)",
    );
  });
});

describe('bad files', () => {
  it('are reported by path and left out, and the rest arrives in order', async () => {
    const whole = await paint(70).jpeg().toBuffer();
    mkdirSync(join(folder, 'train', 'quince'));
    put('quince/cut.jpg', (await paint(50).png({ compressionLevel: 0 }).toBuffer()).subarray(0, 700));
    put('quince/empty.png', new Uint8Array(0));
    put('quince/good.jpg', whole);
    put('quince/text.jpg', Buffer.from('<html>404</html>'));
    const data = await open();
    const quince = data.subset([...data.labels.keys()].filter((i) => data.labels[i] === 2));
    const bad: string[] = [];
    const good: number[] = [];
    for await (const { index } of streamImages(quince, { prefetch: 2, onUnreadable: (error) => bad.push(error.path) }))
      good.push(index);
    expect(bad.map((path) => path.split(/[\\/]/).at(-1))).toEqual(['cut.jpg', 'empty.png', 'text.jpg']);
    expect(good).toEqual([2]);

    await expect(loadImages(quince)).rejects.toThrow(UnreadableImageError);
    const { dataset, unreadable } = await readableSubset(quince);
    expect([dataset.labels.length, unreadable.length]).toEqual([1, 3]);
    expect((await loadImages(dataset)).pixels.length).toBe(16 * 16 * 3);
  });

  it('that vanish are reported by path too', async () => {
    const data = await open();
    const gone = data.subset([0]);
    writeFileSync(join(folder, 'train', 'apple', 'a.png'), new Uint8Array(0));
    await expect(gone.image(0)).rejects.toThrow(/a\.png: the file is empty/);
  });
});

describe('streamImages', () => {
  it('reads ahead no further than told', async () => {
    let [running, most] = [0, 0];
    const data = (await open()).subset([1, 2, 3, 1, 2, 3]);
    const counted = Object.create(data, {
      image: {
        value: async (i: number) => {
          most = Math.max(most, ++running);
          const pixels = await data.image(i);
          running--;
          return pixels;
        },
      },
    }) as typeof data;
    const seen: number[] = [];
    for await (const { index } of streamImages(counted, { order: [5, 0, 3, 1], prefetch: 2 })) seen.push(index);
    expect(seen).toEqual([5, 0, 3, 1]);
    expect(most).toBeLessThanOrEqual(2);
  });

  it('stops when told to', async () => {
    const data = (await open()).subset(new Array<number>(40).fill(1));
    await expect(loadImages(data, { signal: AbortSignal.abort() })).rejects.toThrow(/abort/i);
  });
});

const photos = sharedData('photos', 'imagewoof');

describe.runIf(photos)('ImageWoof photos (needs ../shared/data/photos)', () => {
  it('are found in the published label order', async () => {
    const data = await imageFolder({
      folder: photos!,
      split: 'val',
      size: 64,
      subset: imageWoof,
      perClass: 2,
      indexPath,
    });
    expect(data.classes[0]).toBe('Australian terrier');
    expect(data.path(0)).toContain('n02096294');
    expect((await loadImages(data)).pixels.length).toBe(20 * 64 * 64 * 3);
  });
});
