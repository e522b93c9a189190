import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { centreSquare, composeGrid, crop, decodeImage, encodePng } from '../../src/datasets/pixels';
import { resizePixels } from '../../src/datasets/resize';
import type { Pixels } from '../../src/datasets/record';
import { UnreadableImageError } from '../../src/datasets/errors';

/** Left half red, right half blue. */
const twoTone = (width: number, height: number) => {
  const data = new Uint8Array(width * height * 3);
  for (let k = 0; k < width * height; k++) data.set(k % width < width / 2 ? [255, 0, 0] : [0, 0, 255], 3 * k);
  return { data, width, height } satisfies Pixels;
};
const raw = ({ data, width, height }: Pixels) => sharp(data, { raw: { width, height, channels: 3 } });
const at = ({ data, width }: Pixels, x: number, y: number) => [
  ...data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3),
];
const near = (colour: number[], expected: number[], tolerance: number) =>
  colour.forEach((value, k) => {
    expect(Math.abs(value - expected[k]!)).toBeLessThanOrEqual(tolerance);
  });

describe('centreSquare', () => {
  it('is the largest square, in the middle of a wide or a tall image', () => {
    expect(centreSquare({ height: 4, width: 9 })).toEqual({ top: 0, left: 2, height: 4, width: 4 });
    expect(centreSquare({ height: 8, width: 4 })).toEqual({ top: 2, left: 0, height: 4, width: 4 });
  });
});

describe('decodeImage', () => {
  it('gives back the pixels of a PNG exactly', async () => {
    const pixels = twoTone(6, 4);
    expect(await decodeImage(await encodePng(pixels))).toEqual(pixels);
  });

  it('brings the short side to a size and keeps the aspect ratio, wide or tall', async () => {
    const shape = async (width: number, height: number, size: number) => {
      const image = await decodeImage(await encodePng(twoTone(width, height)), { size });
      expect(image.data.length).toBe(image.height * image.width * 3);
      return [image.height, image.width];
    };
    expect(await shape(90, 30, 10)).toEqual([10, 30]);
    expect(await shape(30, 90, 10)).toEqual([30, 10]);
    expect(await shape(500, 375, 256)).toEqual([256, 341]);
    expect(await shape(6, 4, 8)).toEqual([8, 12]); // small images grow
    expect(await shape(20, 20, 10)).toEqual([10, 10]);
  });

  it('crops the square in the centre where the aspect ratio is not kept', async () => {
    const image = await decodeImage(await encodePng(twoTone(90, 30)), { size: 10, keepRatio: false });
    expect([image.height, image.width]).toEqual([10, 10]);
    near(at(image, 0, 5), [255, 0, 0], 2);
    near(at(image, 9, 5), [0, 0, 255], 2);
  });

  it('turns greyscale into three equal channels', async () => {
    const grey = await sharp(new Uint8Array(16).fill(90), { raw: { width: 4, height: 4, channels: 1 } })
      .toColourspace('b-w')
      .png()
      .toBuffer();
    expect((await sharp(grey).metadata()).channels).toBe(1);
    expect(at(await decodeImage(grey), 1, 1)).toEqual([90, 90, 90]);
  });

  it('turns 16 bits a channel into 8', async () => {
    const deep = await raw(twoTone(4, 4)).toColourspace('rgb16').png().toBuffer();
    expect((await sharp(deep).metadata()).depth).toBe('ushort');
    const image = await decodeImage(deep);
    expect(image.data.length).toBe(48);
    near(at(image, 0, 0), [255, 0, 0], 1);
    const deepGrey = await sharp(new Uint8Array(16).fill(200), { raw: { width: 4, height: 4, channels: 1 } })
      .toColourspace('grey16')
      .png()
      .toBuffer();
    near(at(await decodeImage(deepGrey), 0, 0), [200, 200, 200], 1);
  });

  it('turns CMYK into RGB', async () => {
    const cmyk = await raw(twoTone(16, 16)).toColourspace('cmyk').jpeg({ quality: 100 }).toBuffer();
    expect((await sharp(cmyk).metadata()).space).toBe('cmyk');
    const image = await decodeImage(cmyk);
    expect(image.data.length).toBe(16 * 16 * 3);
    const [r, , b] = at(image, 2, 8);
    expect(r).toBeGreaterThan(150);
    expect(b).toBeLessThan(100);
  });

  it('stands upright what EXIF says is turned', async () => {
    const turned = await raw(twoTone(16, 8)).withMetadata({ orientation: 6 }).jpeg({ quality: 100 }).toBuffer();
    const image = await decodeImage(turned);
    expect([image.height, image.width]).toEqual([16, 8]);
    near(at(image, 4, 2), [255, 0, 0], 12);
    near(at(image, 4, 13), [0, 0, 255], 12);
  });

  it('lays transparency over white', async () => {
    const clear = await sharp({
      create: { width: 2, height: 2, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } },
    })
      .png()
      .toBuffer();
    expect(at(await decodeImage(clear), 0, 0)).toEqual([255, 255, 255]);
  });

  it('refuses empty, cut and foreign bytes, naming the file', async () => {
    const noise = new Uint8Array(64 * 64 * 3).map((_, k) => (k * k * 7919) % 251);
    const jpeg = await raw({ data: noise, width: 64, height: 64 }).jpeg().toBuffer();
    const png = await raw({ data: noise, width: 64, height: 64 }).png().toBuffer();
    const broken = Buffer.from(png);
    broken.fill(0, Math.floor(broken.length / 3), Math.floor(broken.length / 2));
    for (const bytes of [
      new Uint8Array(0),
      jpeg.subarray(0, jpeg.length / 2),
      png.subarray(0, png.length / 2),
      broken,
      Buffer.from('no image'),
    ]) {
      const attempt = decodeImage(bytes, { path: 'folder/bad.jpg' });
      await expect(attempt).rejects.toThrow(UnreadableImageError);
      await expect(attempt).rejects.toThrow("Can't read the image folder/bad.jpg");
    }
  });
});

describe('pixel operations', () => {
  it('crop cuts the box, and refuses one that leaves the image', () => {
    const part = crop(twoTone(8, 4), { top: 1, left: 3, height: 2, width: 2 });
    expect([...part.data.subarray(0, 6)]).toEqual([255, 0, 0, 0, 0, 255]);
    expect(() => crop(twoTone(8, 4), { top: 3, left: 0, height: 2, width: 2 })).toThrow('4 × 8');
  });

  it('composeGrid puts four images row by row', () => {
    const plain = (value: number): Pixels => ({ data: new Uint8Array(12).fill(value), height: 2, width: 2 });
    const mosaic = composeGrid([plain(1), plain(2), plain(3), plain(4)]);
    expect([mosaic.height, mosaic.width]).toEqual([4, 4]);
    expect([at(mosaic, 0, 0)[0], at(mosaic, 3, 1)[0], at(mosaic, 1, 2)[0], at(mosaic, 2, 3)[0]]).toEqual([1, 2, 3, 4]);
    expect(() => composeGrid([plain(1), plain(2), plain(3)])).toThrow('got 3 images');
    expect(() => composeGrid([plain(1), twoTone(4, 4)])).toThrow('at place 1');
  });

  it('resizePixels stretches to height × width', async () => {
    const resized = await resizePixels(twoTone(8, 4), 6, 12, { kernel: 'nearest' });
    expect([resized.height, resized.width]).toEqual([6, 12]);
    expect(at(resized, 0, 0)).toEqual([255, 0, 0]);
    expect(at(resized, 11, 5)).toEqual([0, 0, 255]);
  });
});
