import { describe, expect, it } from 'vitest';
import { setsPicture } from '../../src/experiments/sets-picture';
import { randomSelection } from '../../src/methods';
import { smallDataset } from '../methods/small-dataset';

describe('setsPicture', () => {
  it('puts sets one under the other, as many rows as each has images of a class, a column per class', async () => {
    const dataset = smallDataset({ perClass: 3, size: 8 });
    const [one, three] = await Promise.all(
      [1, 3].map((imagesPerClass) => randomSelection(dataset, { imagesPerClass, seed: 0 })),
    );
    const sets = [
      { name: 'few', set: one! },
      { name: 'more', set: three! },
    ];
    const size = 8;
    const height = async (options: object) => (await setsPicture(sets, { size, ...options })).height;
    const step = size + 4;
    expect((await height({ perClass: 3 })) - (await height({ perClass: 2 }))).toBe(step);
    expect((await height({ perClass: 9 })) - (await height({ perClass: 3 }))).toBe(0);
    const { text, width } = await setsPicture(sets, { size, title: 'Sets' });
    expect(text).toContain('Sets');
    expect(width).toBeGreaterThanOrEqual(dataset.classes.length * step);
  });

  it('needs a set', async () => {
    await expect(async () => setsPicture([])).rejects.toThrow(RangeError);
  });
});
