import { describe, expect, it } from 'vitest';
import { type ImageDataset, stillLife } from '../../src/datasets';
import { judgedPicture, worstPatches } from '../../src/experiments/worst-patches';
import { oracleSelection, randomSelection } from '../../src/methods';

const dataset = stillLife({ split: 'train', perClass: 4, size: 32 });

/** The same images without ground truth. */
const plain: ImageDataset = {
  ...dataset,
  fingerprint: dataset.fingerprint,
  id: (i) => dataset.id(i),
  image: (i) => dataset.image(i),
  subset: () => plain,
};

describe('worstPatches', () => {
  it('are those without the object, by the masks', async () => {
    const options = { imagesPerClass: 1, patchSize: 16, factor: 2 };
    const best = await worstPatches(await oracleSelection(dataset, options), dataset);
    const worst = await worstPatches(await oracleSelection(dataset, { ...options, missing: true }), dataset);
    expect(worst.patches.length).toBeGreaterThan(best.patches.length);
    expect(worst.says).toMatch(/^\d+ of 40 patches hold less than half of their object$/);
  });

  it('are the lowest scores of each class where there are no masks, and none without scores', async () => {
    const set = await randomSelection(dataset, { imagesPerClass: 2, seed: 0 });
    expect(await worstPatches(set, plain)).toEqual({ patches: [], says: 'random gives no scores' });
    const scored = {
      ...set,
      images: set.images.map((image, i) => ({
        ...image,
        sources: image.sources.map((one) => ({ ...one, score: -i })),
      })),
    };
    const { patches, says } = await worstPatches(scored, plain);
    expect(says).toBe('the lowest score of each class');
    expect(patches).toEqual(set.classes.map((_, label) => ({ image: 2 * label + 1, source: 0 })));
  });

  it('are framed in the picture of the set', async () => {
    const set = await randomSelection(dataset, { imagesPerClass: 1, seed: 0 });
    const framed = {
      ...set,
      images: set.images.map((one) => ({ ...one, sources: [{ ...one.sources[0]!, score: 0 }] })),
    };
    const [without, within] = [await judgedPicture(set, plain), await judgedPicture(framed, plain, { title: 'here' })];
    expect(without.text).toContain('framed: random gives no scores');
    expect(within.text).toMatch(/here.*framed: the lowest score of each class/);
    expect(within.png.equals(without.png)).toBe(false);
  });
});
