import { describe, expect, it } from 'vitest';
import { distil, encodeClass } from '../../../src/methods';
import { tinyPrior } from '../../diffusion/tiny-prior';
import { smallDataset } from '../small-dataset';

const prior = tinyPrior();
const dataset = smallDataset({ perClass: 3 });
const settings = {
  ...{ draws: 3, patchSize: 4, candidatesPerImage: 2, clusters: 2, topClusters: 2, imagesPerClass: 1 },
  features: { kind: 'dift', upBlock: 0, ensemble: 1 },
} as const;

describe('distil', () => {
  it('gives images of each class, with patches of that class', async () => {
    const { set, selections } = await distil(prior, dataset, settings);
    expect(set).toMatchObject({ imagesPerClass: 1, size: 8, factor: 2, classes: ['cup', 'jug'] });
    expect(set.images.map(({ label }) => label)).toEqual([0, 1]);
    for (const { label, sources } of set.images) {
      expect(sources).toHaveLength(4);
      for (const { image, id } of sources) {
        expect(dataset.labels[image]).toBe(label);
        expect(id).toBe(dataset.id(image));
      }
    }
    expect(selections.map(({ clusters }) => clusters.length)).toEqual([2, 2]);
  });

  it('brings patches to the size that is asked for', async () => {
    const { set } = await distil(prior, dataset, { ...settings, size: 6, features: { kind: 'none' } });
    for (const { pixels } of set.images) expect(pixels).toMatchObject({ height: 6, width: 6 });
  });

  it('clusters by CLIP’s embeddings of the patches', async () => {
    const { selections } = await distil(prior, dataset, { ...settings, features: { kind: 'clip' } });
    expect(selections.map(({ clusters }) => clusters.length)).toEqual([2, 2]);
  });

  it('distils the classes that are asked for as it does all', async () => {
    const { set } = await distil(prior, dataset, settings);
    const part = await distil(prior, dataset, settings, { labels: [1] });
    expect(part.set.images).toEqual(set.images.slice(1));
  });

  it('draws from the posterior where the settings say so: another latent, the same every time', async () => {
    const chosen = { dataset, images: [0, 2] };
    const of = async (latent: 'mean' | 'sample') => (await encodeClass(prior, chosen, { latent, noiseSeed: 5 }))[0]!;
    const [mean, sample, again] = [await of('mean'), await of('sample'), await of('sample')];
    expect(again.latents.values).toEqual(sample.latents.values);
    expect(sample.latents.values).not.toEqual(mean.latents.values);
    // The draw depends on the image, not on its place.
    const alone = await encodeClass(prior, { dataset, images: [2] }, { latent: 'sample', noiseSeed: 5 });
    const half = sample.latents.values.length / 2;
    for (const [i, value] of alone[0]!.latents.values.entries()) {
      expect(sample.latents.values[half + i]).toBeCloseTo(value, 5);
    }
  });

  it('keeps images of one latent shape together, wide and tall ones too, each with its own size', async () => {
    const [wide, other] = [smallDataset({ perClass: 4, long: 13 }), smallDataset({ perClass: 4, long: 14 })];
    for (const [data, long] of [
      [wide, 13],
      [other, 14],
    ] as const) {
      const found = await encodeClass(prior, { dataset: data, images: [0, 2, 4, 6] }, { latent: 'mean', noiseSeed: 5 });
      // A cell of this prior's latents covers 2 × 2 pixels; 13 pixels are stretched to 14.
      expect(found.map(({ latents }) => latents.shape)).toEqual([
        [2, 4, 7, 2],
        [2, 7, 4, 2],
      ]);
      expect(found.map(({ places }) => places)).toEqual([
        [0, 2],
        [1, 3],
      ]);
      expect(found[0]!.sizes).toEqual([
        { height: 8, width: long },
        { height: 8, width: long },
      ]);
    }
  });

  it('cuts two patches out of a wide image and of a tall one', async () => {
    const long = smallDataset({ perClass: 4, size: 8, long: 16 });
    const chosen = { ...settings, patchSize: 8, candidatesPerImage: 5, imagesPerClass: 1 } as const;
    const { candidates, set } = await distil(prior, long, chosen);
    for (const { images, patches } of candidates)
      for (const [image, { height, width }] of images.entries()) {
        const boxes = patches.filter((patch) => patch.image === image).map(({ box }) => box);
        // A second one fits where the best one leaves eight pixels on a side.
        const start = Math.max(boxes[0]!.top, boxes[0]!.left);
        expect(boxes.length).toBe(start === 0 || start === 8 ? 2 : 1);
        for (const { top, left, size } of boxes) {
          expect(top + size).toBeLessThanOrEqual(height);
          expect(left + size).toBeLessThanOrEqual(width);
        }
      }
    for (const { pixels } of set.images) expect(pixels).toMatchObject({ height: 8, width: 8 });
  });

  it('shows the prior small images upsampled, and cuts patches from them as they are', async () => {
    const small = { latent: 'mean', noiseSeed: 5, encodedSize: 16 } as const;
    const [group] = await encodeClass(prior, { dataset, images: [0, 2] }, small);
    expect(group!.latents.shape).toEqual([2, 8, 8, 2]);
    expect(group!.sizes[0]).toEqual({ height: 8, width: 8 });
    const { set } = await distil(prior, dataset, { ...settings, encodedSize: 16, patchSize: 'image' });
    for (const { pixels, sources } of set.images) expect(pixels).toEqual(await dataset.image(sources[0]!.image));
  });

  it('refuses settings that it does not know, and classes without images', async () => {
    // @ts-expect-error the old name
    await expect(distil(prior, dataset, { ...settings, patchesPerImage: 2 })).rejects.toThrow(
      /settings.*patchesPerImage/s,
    );
    const empty = { ...dataset, classes: ['cup', 'jug', 'vase'], labels: dataset.labels };
    await expect(distil(prior, empty, settings)).rejects.toThrow(/images of 'vase'.*got 0: add images/);
  });
});
