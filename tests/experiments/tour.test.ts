import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bindDistillation, openTour, priorFolder, settingsBesideThePaper } from '../../src/experiments';
import { loadDistilledSet, saveDistilledSet } from '../../src/methods';
import { run } from '../../src/sweeps';

// The whole chain on the prior that ships, at its smallest: two draws per band, four images per class, one epoch.
const small = {
  dataset: { kind: 'still-life', split: 'train', perClass: 4, size: 64, seed: 0 },
  test: { kind: 'still-life', split: 'test', perClass: 2, size: 64, seed: 0 },
  teacherImages: { kind: 'still-life', split: 'train', perClass: 20, size: 64, seed: 0 },
  draws: 6,
  clusters: 3,
  topClusters: 2,
  imagesPerClass: 1,
  teacherEpochs: 8,
  studentEpochs: 1,
  seeds: [0],
} as const;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'stillhouse-'));
  process.env.STILLHOUSE_STORE = join(folder, 'store');
});
afterAll(() => {
  delete process.env.STILLHOUSE_STORE;
  rmSync(folder, { recursive: true, force: true });
});

describe('the tour', () => {
  it('distils the embedded world: four scored patches of the right class an image', async () => {
    const tour = openTour(small);
    const { set } = await tour.distil();
    expect(set.images).toHaveLength(10);
    for (const { label, sources, pixels } of set.images) {
      expect(sources).toHaveLength(4);
      expect(pixels).toMatchObject({ height: 64, width: 64 });
      for (const { image, box, score } of sources) {
        expect(tour.dataset.labels[image]).toBe(label);
        expect(box.size).toBe(tour.settings.patchSize);
        expect(Number.isFinite(score)).toBe(true);
      }
    }
    await saveDistilledSet(set, join(folder, 'distilled'));
    expect(existsSync(join(folder, 'distilled', 'train', '000-cup', '000.png'))).toBe(true);
    expect(await loadDistilledSet(join(folder, 'distilled'))).toEqual(set);
  });

  it('asks the prior nothing again for another patch size, cluster count or IPC', async () => {
    const { distilled } = bindDistillation({
      ...openTour(small).bound.settings,
      patchSize: 48,
      clusters: 2,
      imagesPerClass: 1,
    });
    const { stages } = await run(distilled);
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
    const more = { ...small.dataset, perClass: 5 };
    const { classes } = bindDistillation({ ...openTour(small).bound.settings, dataset: more });
    const { hits, misses } = await run(classes.map(({ losses }) => losses[0]!));
    expect({ hits, misses }).toEqual({ hits: 40, misses: 10 });
  });

  it('measures maps and patches against the masks', async () => {
    const report = await openTour(small).localisation();
    expect(report).toMatchObject({ maps: 40, boxes: 40 });
    expect(report.peakOnObject!).toBeGreaterThan(report.objectArea!);
  });

  it('gives a row a student, ours and random, with all that made it', async () => {
    const rows = await openTour(small).accuracy();
    expect(rows.map(({ method }) => method)).toEqual(['random', 'diffusion-driven selection']);
    for (const row of rows) expect(row).toMatchObject({ epochs: 1, seed: 0, student: 'conv3', imagesPerClass: 1 });
  });

  it('says which settings are not the paper’s', () => {
    expect(settingsBesideThePaper(openTour()).find(({ setting }) => setting === 'prior')).toMatchObject({
      paper: 'Stable Diffusion v1.5',
    });
  });
});

describe('bindDistillation', () => {
  it('refuses a range that is not made of whole bands', () => {
    expect(() => bindDistillation({ ...openTour().bound.settings, timestepRange: [0.1, 0.6] })).toThrow(
      'whole bands of 0.2',
    );
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
