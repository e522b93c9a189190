import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { annotated } from '../../../src/datasets';
import {
  ablationReport,
  fromScratch,
  measureAblation,
  selectionAblation,
  selectionAblationDefaults,
  sweeps,
} from '../../../src/experiments/ablations';
import { type SelectionQuality, selectionQuality } from '../../../src/experiments/ablations/selection';
import { oracleSelection } from '../../../src/methods';
import { InProcessExecutor, plan, resultsOf, run, runSweep, stage, Store } from '../../../src/sweeps';
import { temporaryFolder } from '../../helpers/temporary';

// The ablation at its smallest: four images per class, two draws, two ranges. Its times are measured by `stillhouse ablation`.
const small = selectionAblation({
  dataset: { kind: 'still-life', split: 'train', perClass: 4, size: 64, seed: 0 },
  draws: 2,
  timestepRanges: [
    [0.1, 0.3],
    [0.1, 0.5],
  ],
  topClusters: 2,
  clusters: [2, 3],
  patchSizes: [16, 24],
  imagesPerClass: [1, 2],
  seeds: [10],
});

const folder = temporaryFolder();
const store = new Store(folder);

// Draws 0 and 1 of the first band, draw 0 of the second: the ranges take two of one band, or one of each.
const groups = 2 + 1;
const ranges = 2;
const points = ranges * 2 * 2 * 2;
const classes = 10;

test('configurations share the losses of two bands and one set of features', async () => {
  const { runs, stages } = await plan(small.sweep, { store });
  expect(runs).toBe(points);
  expect(stages.map(({ stage, nodes, pieces }) => [stage, nodes, pieces])).toEqual([
    ['noise-losses', groups * classes, groups * 40],
    ['candidate-patches', ranges * 2 * classes, ranges * 2 * classes],
    ['diffusion-features', classes, 40],
    ['patch-selection', points * classes, points * classes],
    ['diffusion-driven-selection', points, points],
    ['selection-quality', points, points],
  ]);
});

test('what one configuration of each range leaves costs the others no pass through the prior', {
  timeout: 600_000,
}, async () => {
  const { sweep } = small;
  const executor = new InProcessExecutor(store);
  const first = [...new Map(sweep.points.map((point) => [String(point.settings.timestepRange), point])).values()];
  const ofRanges = await runSweep({ ...sweep, points: first }, { store, executor });
  expect(ofRanges.misses).toBe((groups + 1) * 40 + ranges * (2 * classes + 2));
  const { results, misses } = await runSweep(sweep, { store, executor });
  expect(results.failures.map(({ error }) => error)).toEqual([]);
  // Candidates of the other patch size, selections and sets.
  expect(misses).toBe(ranges * classes + (points - ranges) * (classes + 2));
  const table = results.summary();
  expect(table.numRows()).toBe(points);
  expect(table.columnNames().slice(0, 4)).toEqual(['timestepRange', 'clusters', 'patchSize', 'imagesPerClass']);
  for (const row of table.objects() as Record<string, number>[]) {
    expect(row).toMatchObject({ n: 1, missing: 0, failed: 0, score_sd: null });
    expect(row.objectShare).toBeGreaterThanOrEqual(0);
    expect(row.objectShare).toBeLessThanOrEqual(1);
    expect(row.randomModesCovered).toBeGreaterThanOrEqual(0);
    expect(row.randomModesCovered).toBeLessThanOrEqual(1);
  }
  const seeds = selectionAblation({ ...small.options, seeds: [10, 11] });
  expect(await plan(seeds.sweep, { store })).toMatchObject({
    runs: 2 * points,
    runsDone: points,
    toRun: points * (classes + 2),
  });
});

test('quality is known of an oracle that sees all images, and of its twin that misses the objects', async () => {
  const { dataset } = small.options;
  const world = annotated(small.pool);
  const qualityOf = async (settings: { patchSize: number; missing?: boolean }): Promise<SelectionQuality> => {
    const oracle = stage({
      name: 'oracle',
      version: 1,
      parameters: z.object({ patchSize: z.int(), missing: z.boolean().default(false) }),
      run: (_context, { patchSize, missing }) => oracleSelection(world, { patchSize, missing, imagesPerClass: 4 }),
    });
    const bound = selectionQuality.bind({ dataset, seed: 0 }, { inputs: { distilled: oracle.bind(settings) } });
    return (await run(bound, { store: new Store(join(folder, 'oracles')) })).output;
  };
  const shown = new Set(Array.from(world.labels, (label, image) => `${label} ${world.mode(image)}`));
  const covered = shown.size / world.modes.flat().length;
  expect(await qualityOf({ patchSize: 64 })).toMatchObject({
    ...{ objectShare: 1, randomObjectShare: 1 },
    ...{ modesCovered: covered, randomModesCovered: covered },
  });
  const missed = await qualityOf({ patchSize: 8, missing: true });
  expect(missed).toMatchObject({ objectShare: 0, modesCovered: 0 });
  expect(missed.randomObjectShare).toBeGreaterThan(0);
  const centred = await qualityOf({ patchSize: 32 });
  expect(centred.objectShare).toBeGreaterThan(1.5 * centred.randomObjectShare);
});

test('a script that keeps nothing chooses the same patches', { timeout: 600_000 }, async () => {
  const { settings, seed } = small.sweep.points.at(-1)!;
  const { distillation } = await fromScratch(small, settings, { classes: 2, seed });
  const { output } = await run(small.bind(settings, seed).distilled, { store });
  const boxes = (images: typeof output.images) =>
    images.flatMap(({ label, sources }) => sources.map(({ image, box }) => ({ label, image, box })));
  expect(boxes(distillation.set.images)).toEqual(boxes(output.images.filter(({ label }) => label < 2)));
});

test('the page has a row a configuration, its times, and the ratio to one', async () => {
  const cost = {
    ...{ configurations: 60, seeds: 1, processors: '2 × any', load: 2, one: 100, all: 120, otherSeeds: 0 },
    ...{ pieces: { one: 162, all: 1280 }, warmPlan: 0.5, scratch: undefined },
  };
  const page = ablationReport(small, await resultsOf(small.sweep, store), { cost, made: { prior: 'abc' } });
  expect(page).toContain('**60 configurations take 1.20 × the time of one.**');
  expect(page.match(/^\| \[0\./gm)).toHaveLength(points);
  // Two ranges, cluster counts, patch sizes and IPC, each over the rest.
  expect(page.match(/^\| (timestepRange|clusters|patchSize|imagesPerClass) \| (?!clusters)/gm)).toHaveLength(8);
  expect(page).toMatch(/^\| imagesPerClass \| 2 \|.*\| 8 \| 0 \|$/m);
});

test('times are taken in an empty store alone', async () => {
  await expect(measureAblation(small, { store })).rejects.toThrow(
    new RegExp(
      `empty store.*holds ${(groups + 1) * 40 + ranges * 2 * classes + points * (classes + 2)} of its pieces.*--fresh`,
    ),
  );
});

test('ranges that are not made of whole bands are refused', () => {
  expect(() =>
    selectionAblation({
      timestepRanges: [
        [0.1, 0.2],
        [0.1, 0.7],
      ],
    }),
  ).toThrow('[0.1, 0.2] to be whole bands of 0.2');
});

test('it has 60 configurations in three seeds, under its name', () => {
  expect(sweeps['selection-ablation']!().points).toHaveLength(180);
  expect(selectionAblationDefaults.seeds).toHaveLength(3);
});
