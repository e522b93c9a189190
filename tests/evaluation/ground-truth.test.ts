import { expect, it } from 'vitest';
import { stillLife } from '../../src/datasets';
import { localisation, localiseBox, modeCoverage, peakOf } from '../../src/evaluation';
import { randomSelection } from '../../src/methods';

/** A 4×4 image with a 2×2 object in the upper left. */
const mask = Uint8Array.of(1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
const size = { height: 4, width: 4 };

it('counts the object inside a box, and inside every box there could be', () => {
  const hit = localiseBox(mask, { top: 0, left: 0, size: 2 }, size);
  expect(hit).toMatchObject({ objectShare: 1, overlap: 1 });
  // Nine places: 4 2 0 / 2 1 0 / 0 0 0 object pixels.
  expect(hit.randomObjectShare).toBeCloseTo(9 / 9 / 4, 12);
  expect(hit.randomOverlap).toBeCloseTo((1 + 2 * (2 / 6) + 1 / 7) / 9, 12);
  expect(localiseBox(mask, { top: 1, left: 0, size: 2 }, size)).toMatchObject({ objectShare: 0.5, overlap: 2 / 6 });
  expect(localiseBox(mask, { top: 2, left: 2, size: 2 }, size)).toMatchObject({ objectShare: 0, overlap: 0 });
});

it('refuses an empty mask and a box outside', () => {
  expect(() => localiseBox(new Uint8Array(16), { top: 0, left: 0, size: 2 }, size)).toThrow(/mask with an object/);
  expect(() => localiseBox(mask, { top: 3, left: 3, size: 2 }, size)).toThrow(/Expected a box inside the image/);
});

it('finds the peak of a map', () => {
  expect(peakOf({ values: Float32Array.of(0, 1, 5, 2, 5, 0), height: 2, width: 3 })).toEqual({ row: 0, column: 2 });
});

it('finds maps of the masks themselves on the object, and whole images whole', async () => {
  const world = stillLife({ split: 'train', perClass: 1, size: 32 });
  const indices = Array.from(world.labels.keys());
  const maps = new Map(
    await Promise.all(
      indices.map(async (i) => [i, { values: Float32Array.from(await world.mask(i)), height: 32, width: 32 }] as const),
    ),
  );
  const patches = indices.map((image) => ({ image, box: { top: 0, left: 0, size: 32 } }));
  const report = await localisation(world, { maps, patches });
  expect(report).toMatchObject({
    maps: 10,
    peakOnObject: 1,
    boxes: 10,
    objectShare: 1,
    randomObjectShare: 1,
    timesRandom: 1,
  });
  expect(report.objectArea).toBeGreaterThan(0.01);
  expect(report.overlap).toBeCloseTo(report.objectArea!, 6);
});

it('counts the modes that a set shows, and nothing for patches that miss the object', async () => {
  const world = stillLife({ split: 'train', perClass: 8, size: 32 });
  const set = await randomSelection(world, { imagesPerClass: 8, seed: 0 });
  const all = await modeCoverage(set, world);
  const present = world.classes.map(
    (_, label) =>
      new Set(
        Array.from(world.labels.keys())
          .filter((i) => world.labels[i] === label)
          .map((i) => world.mode(i)),
      ).size,
  );
  expect(all.classes.map(({ covered }) => covered)).toEqual(present);
  expect(all).toMatchObject({ showing: 80, patches: 80 });
  for (const { effectiveModes, covered } of all.classes) expect(effectiveModes).toBeLessThanOrEqual(covered + 1e-9);
  const tiny = await randomSelection(world, { imagesPerClass: 2, seed: 0, patchSize: 1 });
  expect(await modeCoverage(tiny, world)).toMatchObject({ share: 0, evenness: 0, showing: 0, patches: 20 });
});

it('refuses a set of another dataset', async () => {
  const set = await randomSelection(stillLife({ split: 'train', perClass: 1, size: 16 }), {
    imagesPerClass: 1,
    seed: 0,
  });
  await expect(modeCoverage(set, stillLife({ split: 'test', perClass: 1, size: 16 }))).rejects.toThrow(
    /Expected the dataset that the set was made from, 'still life train'/,
  );
});
