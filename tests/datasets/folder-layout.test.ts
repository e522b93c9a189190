import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { type ImageFolderOptions, imageFolder } from '../../src/datasets/image-folder';
import type { LeftOut } from '../../src/datasets/folder-layout';
import { MissingDataError } from '../../src/datasets/errors';
import { temporaryFolder } from '../helpers/temporary';

const top = temporaryFolder();
const root = join(top, 'photos');
beforeEach(() => rmSync(root, { recursive: true, force: true }));

const picture = (red: number) =>
  sharp({ create: { width: 20, height: 12, channels: 3, background: { r: red, g: 60, b: 90 } } });
const png = await picture(40).png().toBuffer();

/** Writes files below the folder: text as text, `undefined` as a picture. */
function put(files: Record<string, string | Uint8Array | undefined>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content ?? png);
  }
}

const open = (options: Partial<ImageFolderOptions> = {}) =>
  imageFolder({ folder: root, size: 8, indexPath: join(top, 'index.json'), ...options });

/** TinyImageNet's layout; n02124075 and n04067472 are classes of ImageNet-1K, n02123394 isn't. */
function putTinyImageNet(): void {
  put({
    'wnids.txt': 'n04067472\nn02124075\nn02123394\n',
    'words.txt': 'n02123394\tPersian cat, longhair\nn02124075\tEgyptian cat\nn00001740\tentity\n',
    'val/val_annotations.txt':
      'val_0.JPEG\tn02124075\t0\t32\t44\t62\nval_1.JPEG\tn04067472\t1\t2\t3\t4\nval_2.JPEG\tn02123394\t0\t0\t9\t9\nval_10.JPEG\tn04067472\t0\t0\t9\t9\n',
    'test/images/test_0.JPEG': undefined,
  });
  for (const k of [0, 1, 2, 10]) put({ [`val/images/val_${k}.JPEG`]: undefined });
  for (const wnid of ['n02123394', 'n02124075', 'n04067472'])
    put({ [`train/${wnid}/images/${wnid}_0.JPEG`]: undefined, [`train/${wnid}/${wnid}_boxes.txt`]: 'boxes' });
}

describe('TinyImageNet as it is downloaded', () => {
  it('is read in the order of wnids.txt, with names for prompts', async () => {
    putTinyImageNet();
    const train = await open({ split: 'train' });
    expect(train.classes).toEqual(['reel', 'Egyptian cat', 'Persian cat']);
    expect([...train.labels]).toEqual([0, 1, 2]);
    expect(train.path(0)).toContain('n04067472_0.JPEG');
    expect(train.listing.leftOut).toMatchObject([{ reason: 'not images', count: 3 }]);
  });

  it('gives validation images the labels of val_annotations.txt, opened by split or as a folder', async () => {
    putTinyImageNet();
    for (const val of [await open({ split: 'val' }), await open({ folder: join(root, 'val') })]) {
      expect(val.classes).toEqual(['reel', 'Egyptian cat', 'Persian cat']);
      const found = Array.from(val.labels, (label, i) => [/val_\d+/.exec(val.path(i))![0], label]);
      expect(found).toEqual([
        ['val_1', 0],
        ['val_10', 0],
        ['val_0', 1],
        ['val_2', 2],
      ]);
    }
  });

  it('takes the validation images for a test, since the test images have no labels', async () => {
    putTinyImageNet();
    expect((await open({ split: 'test' })).path(0)).toContain('val_1.JPEG');
    await expect(open({ folder: join(root, 'test') })).rejects.toThrow(/test_annotations.txt .*have no labels/);
    rmSync(join(root, 'val', 'val_annotations.txt'));
    await expect(open({ split: 'val' })).rejects.toThrow(/val_annotations.txt beside them.*have no labels/);
  });

  it('refuses a folder that lacks a class of wnids.txt, and counts an image without a label', async () => {
    putTinyImageNet();
    put({ 'val/images/val_11.JPEG': undefined });
    let leftOut: readonly LeftOut[] = [];
    await open({ split: 'val', onLeftOut: (all) => (leftOut = all) });
    expect(leftOut).toContainEqual({
      reason: 'without a label in val_annotations.txt',
      count: 1,
      example: join(root, 'val/images/val_11.JPEG'),
    });
    rmSync(join(root, 'train', 'n02124075'), { recursive: true });
    await expect(open({ split: 'train' })).rejects.toThrow(/wnids.txt, and no others.*1 differ: n02124075/);
  });
});

describe('class folders', () => {
  it('are read with a split or without, and named for prompts', async () => {
    put({
      'golden_retriever/1.png': undefined,
      'n02106166_Border_collie/1.png': undefined,
      'n02012849/1.png': undefined,
    });
    expect((await open()).classes).toEqual(['golden retriever', 'crane', 'Border collie']);
    put({ 'construction crane/1.png': undefined, 'crane/1.png': undefined });
    // Two folders of one name keep their own.
    expect((await open()).classes).toEqual([
      'construction crane',
      'crane',
      'golden retriever',
      'n02012849',
      'Border collie',
    ]);
  });

  it('are asked for where the folder holds splits, or images without a class', async () => {
    put({ 'train/a/1.png': undefined, 'val/a/1.png': undefined });
    await expect(open()).rejects.toThrow(/found the splits train, val. Choose one: split: 'train'/);
    await expect(open({ folder: join(root, 'train'), split: 'train' })).rejects.toThrow(/Leave out split: 'train'/);
    rmSync(root, { recursive: true });
    put({ '1.png': undefined, '2.png': undefined });
    await expect(open()).rejects.toThrow(/found none, but 2 images without a class. Sort them into folders/);
  });

  it('without an image that can be read are an error that names them and what is there', async () => {
    put({ 'a/1.png': undefined, 'b/1.bmp': 'BM', 'b/2.bmp': 'BM', 'c/note.txt': '' });
    const opened = open();
    await expect(opened).rejects.toThrow(MissingDataError);
    await expect(opened).rejects.toThrow(/found none in 'b', 'c'. Left out: .bmp, a format that isn't read: 2 \(/);
  });
});

describe('what lies in the way', () => {
  it('is left out, counted and named: links to files, folders called x.jpg, links that lead nowhere', async () => {
    put({
      'a/1.png': undefined,
      'a/x.jpg/inside.png': undefined,
      'a/old.bmp': 'BM',
      'b/1.png': undefined,
      'cover.png': undefined,
    });
    symlinkSync(join(root, 'cover.png'), join(root, 'link.png'));
    put({ 'note.txt': '' });
    symlinkSync(join(root, 'note.txt'), join(root, 'link to a text'));
    symlinkSync(join(root, 'gone'), join(root, 'dangling'));
    symlinkSync(join(root, 'gone.jpg'), join(root, 'a', 'dangling.jpg'));
    symlinkSync(join(root, 'b'), join(root, 'c')); // a link to a folder is a class
    symlinkSync(join(root, 'cover.png'), join(root, 'b', '2.png')); // a link to an image is an image
    let leftOut: readonly LeftOut[] = [];
    const data = await open({ onLeftOut: (all) => (leftOut = all) });
    expect(data.classes).toEqual(['a', 'b', 'c']);
    expect([...data.labels]).toEqual([0, 1, 1, 2, 2]);
    const counts = Object.fromEntries(leftOut.map(({ reason, count }) => [reason, count]));
    expect(counts).toEqual({
      'links that lead nowhere': 2,
      'beside the class folders': 2,
      'folders inside a class folder': 1,
      ".bmp, a format that isn't read": 1,
      'not images': 2,
    });
    expect(leftOut.find(({ reason }) => reason.startsWith('folders'))!.example).toBe(join(root, 'a', 'x.jpg'));
    expect(data.listing.leftOut).toEqual(leftOut);
  });

  it('is said on the console when nobody listens, but text files are not', async () => {
    const warned = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    put({ 'a/1.png': undefined, 'a/note.txt': '' });
    await open();
    expect(warned).not.toHaveBeenCalled();
    put({ 'a/2.heic': '', 'a/3.HEIC': '' });
    await open();
    expect(warned.mock.calls[0]![0]).toMatch(/.heic, a format that isn't read: 2 \(.*2.heic …\)/);
    warned.mockRestore();
  });
});

describe('formats', () => {
  it('are all that sharp reads', async () => {
    put({
      'a/1.avif': await picture(200).avif({ lossless: true }).toBuffer(),
      'a/2.gif': await picture(200).gif().toBuffer(),
      'a/3.jfif': await picture(200).jpeg({ quality: 100 }).toBuffer(),
      'a/4.png': await picture(200).png().toBuffer(),
      'a/5.TIF': await picture(200).tiff().toBuffer(),
      'a/6.tiff': await picture(200).tiff({ compression: 'lzw' }).toBuffer(),
      'a/7.webp': await picture(200).webp({ lossless: true }).toBuffer(),
    });
    const data = await open();
    expect(data.labels.length).toBe(7);
    for (let i = 0; i < 7; i++) {
      const { data: values, height, width } = await data.image(i);
      expect([height, width]).toEqual([8, 13]); // of 12 × 20
      for (const [k, value] of [200, 60, 90].entries())
        expect(Math.abs(values[k]! - value), data.path(i)).toBeLessThan(4);
    }
  });

  it('that only the name promises are an error that names the file', async () => {
    put({ 'a/1.png': 'BM, a bitmap by another name' });
    await expect((await open()).image(0)).rejects.toThrow(/a\/1\.png: Input buffer contains unsupported image format/);
  });
});
