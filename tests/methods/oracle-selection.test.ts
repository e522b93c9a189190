import { describe, expect, it } from 'vitest';
import { objectBounds, objectPixels, stillLife } from '../../src/datasets';
import { oracleSelection, randomSelection } from '../../src/methods';

const world = stillLife({ split: 'train', perClass: 24, size: 32 });
const options = { imagesPerClass: 2, patchSize: 16, factor: 2, seed: 3 };
const shape = { height: 32, width: 32 };

type Source = Awaited<ReturnType<typeof oracleSelection>>['images'][number]['sources'][number];

/** Share of the object inside a patch. */
async function shown({ image, box: { top, left, size } }: Source): Promise<number> {
  const mask = await world.mask(image);
  const box = { top, left, height: size, width: size };
  return objectPixels(mask, box, 32) / objectPixels(mask, { top: 0, left: 0, ...shape }, 32);
}

describe('the oracle', () => {
  it('cuts the square on the object out of different images, modes in turn', async () => {
    const { images, ...set } = await oracleSelection(world, options);
    expect(set).toMatchObject({ method: 'oracle', factor: 2, size: 32, settings: { patchSize: 16, seed: 3 } });
    expect(images).toHaveLength(20);
    for (const label of world.classes.keys()) {
      const sources = images.filter((image) => image.label === label).flatMap((image) => image.sources);
      expect(new Set(sources.map(({ image }) => image)).size).toBe(8);
      const counts = world.modes[label]!.map(
        (_, mode) => sources.filter(({ image }) => world.mode(image) === mode).length,
      );
      const available = world.modes[label]!.map(
        (_, mode) => [...world.labels.keys()].filter((i) => world.labels[i] === label && world.mode(i) === mode).length,
      );
      // Eight patches over four modes: two of each, but for modes that have fewer images.
      for (const [mode, count] of counts.entries()) expect(count).toBeGreaterThanOrEqual(Math.min(2, available[mode]!));
      for (const { image, box } of sources) {
        const { top, left, height, width } = objectBounds(await world.mask(image), shape);
        for (const [start, from, length] of [
          [box.top, top, height],
          [box.left, left, width],
        ] as const)
          expect(start).toBe(Math.min(16, Math.max(0, Math.round(from + length / 2 - 8))));
      }
    }
  });

  it('shows more of the object than random patches, and these more than the same images cropped to miss it', async () => {
    const sets = [
      await oracleSelection(world, options),
      await randomSelection(world, options),
      await oracleSelection(world, { ...options, missing: true }),
    ];
    const shares = await Promise.all(
      sets.map(async ({ images }) => {
        const shares = await Promise.all(images.flatMap(({ sources }) => sources).map(shown));
        return shares.reduce((sum, share) => sum + share, 0) / shares.length;
      }),
    );
    expect(shares[0]!).toBeGreaterThan(shares[1]! + 0.2);
    expect(shares[1]!).toBeGreaterThan(shares[2]! + 0.2);
    const used = sets.map(({ images }) => images.flatMap(({ sources }) => sources.map(({ image }) => image)));
    expect(used[2]).toEqual(used[0]);
    expect(sets[2]!.method).toBe('object missed');
  });

  it('is the same from the same seed and another from another, and a larger set holds a smaller one', async () => {
    const pick = async (more: object) =>
      (await oracleSelection(world, { ...options, factor: 1, ...more })).images
        .filter(({ label }) => label === 4)
        .map(({ sources: [source] }) => [source!.image, source!.box.top, source!.box.left]);
    expect(await pick({})).toEqual(await pick({}));
    expect(await pick({ seed: 4 })).not.toEqual(await pick({}));
    for (const missing of [true, false])
      expect((await pick({ missing, imagesPerClass: 5 })).slice(0, 2)).toEqual(await pick({ missing }));
  });

  it('composes at the size asked for, and names what does not fit', async () => {
    const { images } = await oracleSelection(world, { ...options, size: 24 });
    expect(images[0]!.pixels).toMatchObject({ height: 24, width: 24 });
    await expect(oracleSelection(world, { ...options, patchSize: 33 })).rejects.toThrow(/1 to 32 pixels.*got 33/);
    await expect(oracleSelection(world, { ...options, imagesPerClass: 7 })).rejects.toThrow(
      /Expected 28 images of 'cup', got 24/,
    );
  });
});
