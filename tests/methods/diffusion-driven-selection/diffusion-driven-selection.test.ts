import { describe, expect, expectTypeOf, it } from 'vitest';
import { type LatentDiffusion, UnknownClassError } from '../../../src/diffusion';
import type { Progress } from '../../../src/engine';
import {
  type DiffusionDrivenSelectionOptions,
  type DistilledSet,
  type DistillationPlan,
  diffusionDrivenSelection,
  planDistillation,
  distil,
  distilledFingerprint,
  oracleSelection,
  passesPerImage,
  randomSelection,
  rdedSelection,
  settingsFor,
} from '../../../src/methods';
import { tinyPrior } from '../../diffusion/tiny-prior';
import { smallDataset } from '../small-dataset';

const dataset = smallDataset({ perClass: 3 });
const prior = tinyPrior({ classes: dataset.classes });
const options = { draws: 3, patchSize: 4, candidatesPerImage: 4, clusters: 2, topClusters: 2, imagesPerClass: 1 };
const features = { upBlock: 0, ensemble: 1 };

describe('diffusionDrivenSelection', () => {
  it('is the whole method, its settings recorded with the prior’s name', async () => {
    const set = await diffusionDrivenSelection(dataset, { prior, ...options, features });
    const settings = settingsFor(prior, dataset, { ...options, features });
    expect(distilledFingerprint(set)).toBe(distilledFingerprint((await distil(prior, dataset, settings)).set));
    expect(set.settings).toMatchObject({
      prior: 'prior',
      draws: 3,
      noiseSeed: 42,
      features: { kind: 'dift', ensemble: 1 },
    });
  });

  it('counts its passes through the prior, with the time that is left', async () => {
    const reports: Progress[] = [];
    await diffusionDrivenSelection(dataset, {
      prior,
      ...options,
      features,
      onProgress: (report) => reports.push(report),
    });
    const passes = reports.filter(({ label }) => label === 'Passes through the prior');
    expect(passes.at(-1)).toEqual({
      label: 'Passes through the prior',
      done: 42,
      total: 42,
      detail: 'jug',
      secondsLeft: 0,
    });
    expect(passes[0]!.secondsLeft).toBeGreaterThan(0);
    expect(passes.map(({ done }) => done)).toEqual(passes.map(({ done }) => done).sort((a, b) => a - b));
  });

  it('tells its plan first', async () => {
    const plans: DistillationPlan[] = [];
    await diffusionDrivenSelection(dataset, { prior, ...options, features, onPlan: (plan) => plans.push(plan) });
    expect(plans[0]).toMatchObject({ images: 6, classes: 2, passes: 42 });
    expect(plans[0]!.seconds).toBeCloseTo(42 * plans[0]!.secondsPerPass);
  });

  it('stops when it is told to', async () => {
    const stop = new AbortController();
    const set = diffusionDrivenSelection(dataset, {
      prior,
      ...options,
      signal: stop.signal,
      onProgress: () => stop.abort(),
    });
    await expect(set).rejects.toThrow(/abort/i);
  });

  it('asks the prior about no class that it does not know', async () => {
    const other = smallDataset({ classes: ['cup', 'kettle'] });
    await expect(diffusionDrivenSelection(other, { prior, ...options })).rejects.toThrow(UnknownClassError);
  });

  it('refuses a class that can’t fill its images before anything is scored', async () => {
    const reports: Progress[] = [];
    const onProgress = (report: Progress) => reports.push(report);
    const short = dataset.subset([0, 1, 2, 3, 4]);
    const whole = { prior, ...options, patchSize: 'image', imagesPerClass: 3, features, onProgress } as const;
    const says = /at least 3 images of 'jug' in small, for 3 images per class, got 2: add images .* or ask for fewer/;
    await expect(diffusionDrivenSelection(short, whole)).rejects.toThrow(says);
    const mosaics = { ...whole, patchSize: 4, imagesPerClass: 3, factor: 2, candidatesPerImage: 4 } as const;
    await expect(diffusionDrivenSelection(short, mosaics)).rejects.toThrow(
      /of 4 patches each, at most 4 from one source/,
    );
    const plan = planDistillation(prior, short, settingsFor(prior, short, { patchSize: 'image', imagesPerClass: 3 }));
    await expect(plan).rejects.toThrow(says);
    expect(reports).toEqual([]);
  });

  it('names a setting that it does not have', async () => {
    // @ts-expect-error a typing error
    const set = diffusionDrivenSelection(dataset, { prior, ...options, drawz: 3 });
    await expect(set).rejects.toThrow(/drawz/);
  });
});

describe('settingsFor', () => {
  const open = { classes: undefined };
  const small = { classes: ['cup'] };
  const ipc = { imagesPerClass: 10 };

  it('gives an open-vocabulary prior the paper’s', () => {
    const settings = settingsFor(open, { size: 256 }, ipc);
    expect(settings).toMatchObject({
      timestepRange: [0.1, 0.7],
      patchSize: 224,
      size: 224,
      clusters: 32,
      topClusters: 10,
    });
    expect(settings.features).toMatchObject({ kind: 'dift', timestep: 0.16, upBlock: 1, ensemble: 8 });
    expect(passesPerImage(settings)).toBe(2 * 96 + 8);
  });

  it('gives a small prior those for small images, with patches of half the side', () => {
    const settings = settingsFor(small, { size: 64 }, ipc);
    expect(settings).toMatchObject({ draws: 48, patchSize: 32, clusters: 16, candidatesPerImage: 2 });
    expect(settings.features).toMatchObject({ upBlock: 0, ensemble: 4 });
  });

  it.each([
    [small, 32],
    [open, 32],
    [open, 64],
  ])('takes low-resolution images whole: %j at %d pixels', (prior, size) => {
    const settings = settingsFor(prior, { size }, ipc);
    expect(settings.patchSize).toBe('image');
    expect(settings.encodedSize).toBe(prior.classes ? undefined : 256);
  });

  it('lets every setting be given, of the features some alone', () => {
    const given = { ...ipc, prompt: 'a photo of {}', draws: 12, features: { timestep: 0.3 } };
    const settings = settingsFor(small, { size: 64 }, given);
    expect(settings).toMatchObject({ prompt: 'a photo of {}', draws: 12 });
    expect(settings.features).toMatchObject({ kind: 'dift', timestep: 0.3, upBlock: 0, ensemble: 4 });
    expect(settingsFor(small, { size: 64 }, { ...ipc, features: { kind: 'clip' } }).features).toEqual({ kind: 'clip' });
  });
});

describe('the methods', () => {
  it('have one shape', () => {
    for (const method of [diffusionDrivenSelection, randomSelection, rdedSelection, oracleSelection]) {
      expectTypeOf(method).returns.resolves.toEqualTypeOf<DistilledSet>();
      expectTypeOf(method).parameter(1).toExtend<{ imagesPerClass: number; signal?: AbortSignal | undefined }>();
    }
    type Some = Pick<
      DiffusionDrivenSelectionOptions,
      'imagesPerClass' | 'prior' | 'draws' | 'prompt' | 'timestepRange'
    >;
    expectTypeOf<Some>().toEqualTypeOf<{
      imagesPerClass: number;
      prior: LatentDiffusion;
      draws?: number | undefined;
      prompt?: string | undefined;
      timestepRange?: readonly [number, number] | undefined;
    }>();
  });
});
