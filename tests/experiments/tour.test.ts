import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  bindDistillation,
  coverageOf,
  experiment,
  localisationOf,
  mapExamples,
  openExperiment,
  priorFolder,
  type Scale,
  seedPairs,
  tour,
  tourScale,
} from '../../src/experiments';
import { annotated } from '../../src/datasets';
import { loadDistilledSet, oracleSelection, saveDistilledSet } from '../../src/methods';
import { run } from '../../src/sweeps';
import { temporaryFolder } from '../helpers/temporary';

// The whole chain on the prior that ships, at its smallest: two draws per band, four images per class, one epoch.
const world = { kind: 'still-life', seed: 0 } as const;
const small: Scale = {
  ...tourScale,
  async datasets(names) {
    const datasets = await tourScale.datasets(names);
    const [first] = datasets.values();
    if (!first || 'missing' in first) return datasets;
    return new Map([
      [names[0]!, { ...first, pool: ({ perClass }) => ({ ...world, split: 'train', perClass, size: 64 }) }],
    ]);
  },
  imagesPerClass: [1],
  realImages: 4,
  imageSize: 64,
  selection: { ...tourScale.selection, patchSize: 32, draws: 3, clusters: 3, topClusters: 2 },
  networkSize: 16,
  networks: { 'ResNet-18': 'conv3-w8' },
  teachers: { 'ResNet-18': { network: 'conv3-w8', epochs: 2, seed: 0 } },
  recipe: { rded: { epochs: 1 } },
  controls: ['random'],
  pairs: seedPairs(1),
};

const folder = temporaryFolder();
beforeAll(() => {
  process.env.STILLHOUSE_STORE = join(folder, 'store');
});
afterAll(() => {
  delete process.env.STILLHOUSE_STORE;
});

const onePerClass = experiment({
  ...tour,
  axes: { method: ['diffusion-driven selection'], imagesPerClass: [1] },
  cell: () => ({ dataset: 'ImageWoof', method: 'diffusion-driven selection', imagesPerClass: 1 }),
});
const open = () => openExperiment(onePerClass, { scale: small });

describe('the tour', () => {
  it('distils the embedded world: four scored patches of the right class per image', async () => {
    const opened = await open();
    const { dataset, settings } = opened.selection;
    const [ours, ...others] = await opened.sets();
    expect(others.map(({ method }) => method)).toEqual(['random']);
    expect(ours!.set.images).toHaveLength(10);
    for (const { label, sources, pixels } of ours!.set.images) {
      expect(sources).toHaveLength(4);
      expect(pixels).toMatchObject({ height: 16, width: 16 });
      for (const { image, box, score } of sources) {
        expect(dataset.labels[image]).toBe(label);
        expect(box.size).toBe(settings.patchSize);
        expect(Number.isFinite(score)).toBe(true);
      }
    }
    await saveDistilledSet(ours!.set, join(folder, 'distilled'));
    expect(existsSync(join(folder, 'distilled', 'train', '000-cup', '000.png'))).toBe(true);
    expect(await loadDistilledSet(join(folder, 'distilled'))).toEqual(ours!.set);
  });

  it('counts the modes of an oracle that sees all images, and none of its twin that misses the objects', async () => {
    const dataset = annotated((await open()).selection.dataset);
    const place = { method: 'oracle', place: {} } as const;
    const sets = await Promise.all(
      [{ patchSize: 64 }, { patchSize: 8, missing: true }].map((settings) =>
        oracleSelection(dataset, { ...settings, imagesPerClass: 4 }),
      ),
    );
    const [all, none] = await coverageOf(
      sets.map((set) => ({ ...place, set })),
      dataset,
    );
    const shown = new Set(Array.from(dataset.labels, (label, image) => `${label} ${dataset.mode(image)}`));
    expect(all).toMatchObject({ method: 'oracle', modesCovered: shown.size / dataset.modes.flat().length, showing: 1 });
    expect(none).toEqual({ method: 'oracle', modesCovered: 0, evenness: 0, showing: 0 });
  });

  it('asks the prior nothing again for another patch size, cluster count or IPC', async () => {
    const { settings } = (await open()).selection;
    const { stages } = await run(bindDistillation({ ...settings, patchSize: 48, clusters: 2 }).distilled);
    const misses: Record<string, number> = {};
    for (const { stage, misses: some } of stages) misses[stage] = (misses[stage] ?? 0) + some;
    expect(misses).toEqual({
      'noise-losses': 0,
      'diffusion-features': 0,
      'candidate-patches': 10,
      'patch-selection': 10,
      'diffusion-driven-selection': 1,
    });
  });

  it('adds only the new images when a class gets more', async () => {
    const { settings } = (await open()).selection;
    const more = { ...world, split: 'train', perClass: 5, size: 64 } as const;
    const { classes } = bindDistillation({ ...settings, dataset: more });
    const { hits, misses } = await run(classes.map(({ losses }) => losses[0]!));
    expect({ hits, misses }).toEqual({ hits: 40, misses: 10 });
  });

  it('measures maps and patches against the masks, and shows the first of each class', async () => {
    const { selection } = await open();
    const report = await localisationOf(selection);
    expect(report).toMatchObject({ maps: 40, boxes: 40 });
    expect(report.peakOnObject!).toBeGreaterThan(report.objectArea!);
    expect((await mapExamples(selection, { perClass: 2 })).map((row) => row.length)).toEqual(Array(10).fill(2));
  });

  it('says which settings are not the paper’s', async () => {
    const rows = (await open()).settings;
    expect(rows).toContainEqual({ setting: 'patchSize', here: '32', paper: '224' });
    expect(rows).toContainEqual({ setting: 'students per cell', here: '1', paper: '5' });
  });
});

describe('bindDistillation', () => {
  it('refuses a range that is not made of whole bands', async () => {
    const { settings } = (await open()).selection;
    expect(() => bindDistillation({ ...settings, timestepRange: [0.1, 0.6] })).toThrow('whole bands of 0.2');
  });
});

describe('the prior that ships', () => {
  it('has a card whose numbers are those of its training', () => {
    const home = priorFolder('still-life');
    const card = readFileSync(join(home, 'README.md'), 'utf8');
    const report = JSON.parse(readFileSync(join(home, 'training.json'), 'utf8'));
    expect(card).toContain(report.parameters.unet.toLocaleString('en'));
    expect(card).toContain(String(report.denoiser.losses.at(-1)));
  });

  it('is named among those that ship when another is asked for', () => {
    expect(() => priorFolder('no-such-prior')).toThrow('still-life');
  });
});
