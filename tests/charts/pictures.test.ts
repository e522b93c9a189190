import { createHash } from 'node:crypto';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { colormap, DISPLAY, drawBox, enlarge, heatImage, heatOverlay, imageGrid, MIME } from '../../src/charts';
import { metadataOf } from '../../src/charts/mime';
import { svgToPng } from '../../src/charts/rasterise';
import { at, plain } from './sample';

describe('colour maps', () => {
  it('run from the first stop to the last, clamp, and show NaN as grey', () => {
    const viridis = colormap('viridis');
    expect(viridis(0)).toEqual([0x44, 0x01, 0x54]);
    expect(viridis(1)).toEqual([0xfd, 0xe7, 0x25]);
    expect(viridis(7)).toEqual(viridis(1));
    expect(viridis(Number.NaN)).toEqual([128, 128, 128]);
  });
});

describe('heatOverlay', () => {
  it('leaves the image alone where the map is lowest and covers it where it is highest', () => {
    const image = plain(8, 8, [10, 200, 30]);
    const over = heatOverlay(image, [0, 0, 0, 1], { height: 2, width: 2, opacity: 1 });
    expect(at(over, 0, 0)).toEqual([10, 200, 30]);
    expect(at(over, 7, 7)).toEqual([...colormap('magma')(1)]);
    expect(at(image, 7, 7)).toEqual([10, 200, 30]);
  });
  it('says which length it expected of the map', () => {
    expect(() => heatOverlay(plain(4, 4, [0, 0, 0]), [1, 2, 3], { height: 2, width: 2 })).toThrow(
      /2 × 2 = 4 values, got 3/,
    );
  });
  it('is flat for a constant map', () => {
    expect(at(heatOverlay(plain(2, 2, [9, 9, 9]), [3, 3, 3, 3], { height: 2, width: 2 }), 1, 1)).toEqual([9, 9, 9]);
  });
});

describe('drawBox', () => {
  it('draws the edge inside the box and cuts what lies outside the image', () => {
    const image = drawBox(plain(6, 6, [0, 0, 0]), { x: 1, y: 1, width: 9, height: 3, colour: '#ff0000' });
    expect(at(image, 1, 1)).toEqual([255, 0, 0]);
    expect(at(image, 3, 5)).toEqual([255, 0, 0]);
    expect(at(image, 2, 3)).toEqual([0, 0, 0]);
    expect(at(image, 4, 3)).toEqual([0, 0, 0]);
  });
  it('refuses a colour that it cannot read', () => {
    expect(() => drawBox(plain(2, 2, [0, 0, 0]), { x: 0, y: 0, width: 1, height: 1, colour: 'reddish' })).toThrow(
      /'#rrggbb'.*reddish/,
    );
  });
});

describe('enlarge', () => {
  it('repeats each pixel', () => {
    const image = enlarge(heatImage([0, 1], { height: 1, width: 2, colours: 'greys' }), 3);
    expect([image.height, image.width]).toEqual([3, 6]);
    expect([at(image, 2, 2), at(image, 2, 3)]).toEqual([
      [0, 0, 0],
      [255, 255, 255],
    ]);
  });
});

describe('imageGrid', () => {
  const red = plain(4, 4, [255, 0, 0]);
  const blue = plain(4, 4, [0, 0, 255]);

  it('keeps every pixel of the images, in reading order', async () => {
    const grid = await imageGrid([red, blue], { columns: 2, size: 8, gap: 2 });
    expect([grid.width, grid.height]).toEqual([18, 8]);
    const { data, info } = await sharp(grid.png).removeAlpha().raw().toBuffer({ resolveWithObject: true });
    expect([info.width, info.height]).toEqual([36, 16]);
    const image = { data, width: info.width };
    expect(at(image, 0, 0)).toEqual([255, 0, 0]);
    expect(at(image, 15, 15)).toEqual([255, 0, 0]);
    expect(at(image, 8, 20)).toEqual([0, 0, 255]);
  });
  it('takes rows of different length, borders, captions, maps and boxes', async () => {
    const grid = await imageGrid([[red, blue], [red]], {
      title: 'A <title> & more',
      rowTitles: ['first', 'second'],
      columnTitles: ['one', 'two'],
      captions: ['a', 'b', 'c'],
      borders: ['#00ff00', undefined, undefined],
      overlays: [undefined, { map: [0, 1], height: 1, width: 2 }],
      boxes: [undefined, undefined, [{ x: 0, y: 0, width: 2, height: 2 }]],
    });
    const { width, height } = await sharp(grid.png).metadata();
    expect([width, height]).toEqual([grid.width * 2, grid.height * 2]);
    const bundle = await grid[DISPLAY]();
    expect(bundle[MIME.text]).toBe('[image grid: A <title> & more, 2 × 2 images of 4 pixels]');
    expect(metadataOf(bundle)).toEqual({ [MIME.png]: { width: grid.width } });
  });
  it('is shown as SVG with compressed images where a PNG would be large, boxes and words as lines', async () => {
    // A gradient under noise that no filter of a PNG foresees.
    const noise = createHash('shake256', { outputLength: 120_000 }).update('noise').digest();
    const data = noise.map((value, i) => (i % 600) / 5 + value / 8);
    const texture = { width: 200, height: 200, data: Uint8Array.from(data) };
    const grid = await imageGrid([texture, texture], {
      captions: ['one', 'two'],
      boxes: [[{ x: 0, y: 0, width: 9, height: 9 }]],
    });
    expect(grid.png.length).toBeGreaterThan(100_000);
    const bundle = await grid[DISPLAY]();
    expect(Object.keys(bundle)).toEqual([MIME.svg, MIME.text]);
    const svg = String(bundle[MIME.svg]);
    expect(svg.match(/data:image\/jpeg/g)).toHaveLength(2);
    expect(svg).toContain('>two</text>');
    const exact = await sharp(grid.png).resize({ width: grid.width }).removeAlpha().raw().toBuffer();
    const shown = await sharp(await svgToPng(svg))
      .removeAlpha()
      .raw()
      .toBuffer();
    const webp = await sharp(await grid.webp())
      .removeAlpha()
      .raw()
      .toBuffer();
    for (const one of [shown, webp]) {
      expect(one.length).toBe(exact.length);
      const apart = one.reduce((sum, value, i) => sum + Math.abs(value - exact[i]!), 0) / one.length;
      expect(apart).toBeLessThan(8);
    }
  });
  it('leaves images out beyond the limit, and says so', async () => {
    expect((await imageGrid(Array(30).fill(red), { limit: 12, size: 4 })).text).toContain('12 of 30 images shown');
  });
  it('refuses to lay out nothing', async () => {
    await expect(imageGrid([])).rejects.toThrow(/at least one image/);
  });
});

describe('text without fonts', () => {
  it('is drawn with strokes of about the same width and colour', async () => {
    const svg =
      '<svg xmlns="http://www.w3.org/2000/svg" width="200" height="40"><text x="100" y="30" text-anchor="middle" font-size="20" fill="#ff0000">Top-1: 50.2 ± 0.3</text></svg>';
    const { info, data } = await sharp(await svgToPng(svg, { strokes: true }))
      .trim()
      .ensureAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    expect(info.width).toBeGreaterThan(130);
    expect(info.width).toBeLessThan(175);
    expect(data.filter((_, i) => i % 4 === 3).some((alpha) => alpha > 200)).toBe(true);
  });
});
