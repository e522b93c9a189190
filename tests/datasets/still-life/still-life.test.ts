import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { stillLife } from '../../../src/datasets/still-life';

const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const world = stillLife({ split: 'train', perClass: 6 });
const together = await world.renderAll();

describe('stillLife', () => {
  it('holds ten balanced classes with four named modes each', () => {
    expect(world.classes).toEqual([
      'cup',
      'teapot',
      'vase',
      'lamp',
      'candle',
      'clock',
      'book',
      'pear',
      'lemon',
      'fish',
    ]);
    expect(world.labels.length).toBe(60);
    for (const modes of world.modes) expect(new Set(modes).size).toBe(4);
    for (let label = 0; label < 10; label++) expect(world.labels.filter((other) => other === label).length).toBe(6);
  });

  it('gives the same image whoever asks, in whatever company', async () => {
    const alone = stillLife({ split: 'train', perClass: 3 }).subset([17]);
    const { data, height, width } = await alone.image(0);
    expect([height, width]).toEqual([64, 64]);
    expect(digest(data)).toBe(digest(together.pixels.subarray(17 * 64 * 64 * 3, 18 * 64 * 64 * 3)));
    expect(digest(await alone.mask(0))).toBe(digest(together.masks.subarray(17 * 64 * 64, 18 * 64 * 64)));
    expect(alone.id(0)).toBe(world.id(17));
    expect(together.modes[17]).toBe(alone.mode(0));
  });

  // A change here means another world: raise worldVersion, and train the priors anew.
  it('is the world that the shipped priors were trained on', async () => {
    expect(world.id(17)).toBe('121cf7aaa49e8add5099fd44752d0481');
    expect(Array.from({ length: 20 }, (_, i) => world.mode(i)).join('')).toBe('10022220102022000111');
    const { data } = await world.image(17);
    [167.2, 158.0, 146.9].forEach((expected, channel) => {
      const mean = data.reduce((sum, value, k) => sum + (k % 3 === channel ? value : 0), 0) / 4096;
      expect(Math.abs(mean - expected)).toBeLessThan(1);
    });
    const covered = (await world.mask(17)).reduce((sum, value) => sum + value, 0);
    expect(Math.abs(covered - 547)).toBeLessThan(12);
  });

  it('gives other images for another seed, split, size and place', () => {
    const ids = [
      world.id(0),
      world.id(10),
      stillLife({ split: 'test', perClass: 1 }).id(0),
      stillLife({ split: 'train', perClass: 1, seed: 1 }).id(0),
      stillLife({ split: 'train', perClass: 1, size: 32 }).id(0),
      stillLife({ split: 'train', perClass: 1, scenery: 'studio' }).id(0),
    ];
    expect(new Set(ids).size).toBe(ids.length);
    expect(stillLife({ split: 'train', perClass: 6 }).fingerprint).toBe(world.fingerprint);
    expect(world.subset([1, 2]).fingerprint).not.toBe(world.fingerprint);
  });

  it('covers a tenth to a third of an image with the object, so that half-size crops often miss it', async () => {
    const { masks } = together;
    const area = 64 * 64;
    let missed = 0;
    for (let i = 0; i < 60; i++) {
      const mask = masks.subarray(i * area, (i + 1) * area);
      const share = mask.reduce((sum, value) => sum + value, 0) / area;
      expect(share).toBeGreaterThan(0.07);
      expect(share).toBeLessThan(0.34);
      for (const [top, left] of [
        [0, 0],
        [0, 32],
        [32, 0],
        [32, 32],
      ] as const) {
        let inside = 0;
        for (let y = top; y < top + 32; y++) for (let x = left; x < left + 32; x++) inside += mask[y * 64 + x]!;
        if (inside < 0.25 * share * area) missed++;
      }
    }
    expect(missed / 240).toBeGreaterThan(0.45);
  });

  it('shows the same objects in the studio, alone on a plain surface', async () => {
    const studio = stillLife({ split: 'train', perClass: 6, scenery: 'studio' });
    const [{ data }, mask] = [await studio.image(17), await studio.mask(17)];
    expect(digest(mask)).toBe(digest(await world.mask(17)));
    expect(digest(data)).not.toBe(digest((await world.image(17)).data));
    // Of patterns and small things nothing is left: from pixel to pixel little changes around the object.
    const roughness = async (of: typeof world, i: number): Promise<number> => {
      const [image, object] = [(await of.image(i)).data, await of.mask(i)];
      const steps = Array.from(object.keys())
        .filter((k) => k % 64 < 63 && !object[k] && !object[k + 1])
        .map((k) => Math.abs(image[3 * k + 1]! - image[3 * k + 4]!));
      return steps.reduce((sum, step) => sum + step, 0) / steps.length;
    };
    let plainer = 0;
    for (let i = 0; i < 30; i++) if ((await roughness(studio, i)) < (await roughness(world, i))) plainer++;
    expect(plainer).toBeGreaterThan(24); // Some rooms are plain themselves.
    expect(() => stillLife({ split: 'train', perClass: 1, scenery: 'garden' as 'room' })).toThrow("got 'garden'");
  });

  it('shows an image that differs inside and outside the mask', async () => {
    const [{ data }, mask] = [await world.image(5), await world.mask(5)];
    expect(data.length).toBe(3 * mask.length);
    expect(new Set(data).size).toBeGreaterThan(60);
  });

  it('draws modes by their shares, the first most often', () => {
    const many = stillLife({ split: 'train', perClass: 400 });
    const counts = [0, 0, 0, 0];
    many.labels.forEach((_, i) => {
      counts[many.mode(i)]!++;
    });
    for (const [mode, share] of [0.4, 0.3, 0.2, 0.1].entries())
      expect(Math.abs(counts[mode]! / 4000 - share)).toBeLessThan(0.03);
  });

  it('reports progress and stops when told to', async () => {
    const reports: number[] = [];
    await stillLife({ split: 'test', perClass: 1 }).renderAll({ onProgress: ({ done }) => reports.push(done) });
    expect(reports).toEqual([10]);
    await expect(world.renderAll({ signal: AbortSignal.abort() })).rejects.toThrow(/abort/i);
  });

  it('refuses what it cannot do, saying what it saw', async () => {
    expect(() => stillLife({ split: 'train', perClass: 0 })).toThrow('got 0');
    expect(() => stillLife({ split: 'train', perClass: 1, size: 4 })).toThrow('got 4');
    await expect(world.image(60)).rejects.toThrow('0 … 59');
  });
});
