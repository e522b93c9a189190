import { expect, it } from 'vitest';
import { stillLife } from '../../src/datasets';
import { localisation, localiseBox, modeCoverage, peakOf, trainTeacherOn } from '../../src/evaluation';
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

it('names the image whose map, box or place is wrong', async () => {
  const world = stillLife({ split: 'train', perClass: 1, size: 32 });
  const map = { values: new Float32Array(32 * 32).fill(Number.NaN), height: 32, width: 32 };
  await expect(localisation(world, { maps: new Map([[3, map]]) })).rejects.toThrow(
    'Image 3: Expected a map of numbers',
  );
  await expect(localisation(world, { maps: new Map([[3, { ...map, width: 16 }]]) })).rejects.toThrow(
    '32×16 for image 3',
  );
  const box = { top: 20, left: 0, size: 20 };
  await expect(localisation(world, { patches: [{ image: 2, box }] })).rejects.toThrow('Image 2: Expected a box inside');
  await expect(localisation(world, { patches: [{ image: 99, box }] })).rejects.toThrow(/0 to 9, got 99/);
  expect(() => peakOf({ values: new Float32Array(0), height: 0, width: 0 })).toThrow(/an empty one/);
});

it('counts no modes of a set without images, or with one of no class', async () => {
  const world = stillLife({ split: 'train', perClass: 1, size: 32 });
  const set = await randomSelection(world, { imagesPerClass: 1 });
  await expect(modeCoverage({ ...set, images: [] }, world)).rejects.toThrow(
    "Expected 'random' to have images, got none.",
  );
  const stray = { ...set.images[0]!, label: 12 };
  await expect(modeCoverage({ ...set, images: [stray] }, world)).rejects.toThrow(/10 classes, got 12 in image 0/);
});

it('counts a patch that is in a set twice twice', async () => {
  const world = stillLife({ split: 'train', perClass: 1, size: 32 });
  const set = await randomSelection(world, { imagesPerClass: 1 });
  const [once, twice] = [
    await modeCoverage(set, world),
    await modeCoverage({ ...set, images: [...set.images, ...set.images] }, world),
  ];
  expect(twice).toMatchObject({ share: once.share, patches: 2 * once.patches });
});

it('a teacher is not trained where nothing could measure it', async () => {
  const world = stillLife({ split: 'train', perClass: 2, size: 16 });
  const options = { network: 'conv3-w8', epochs: 1, seed: 0 } as const;
  await expect(trainTeacherOn(world, world.subset([]), options)).rejects.toThrow(/validation images in .*got none/);
  await expect(trainTeacherOn(world, world, { ...options, epochs: 0 })).rejects.toThrow(
    /epochs to be a whole number .* got 0/,
  );
  for (const [name, value] of [
    ['batch', 0],
    ['size', Number.NaN],
    ['learningRate', Number.NaN],
  ] as const) {
    await expect(trainTeacherOn(world, world, { ...options, [name]: value })).rejects.toThrow(
      new RegExp(`Expected ${name} to be .* got ${value}`),
    );
  }
});
