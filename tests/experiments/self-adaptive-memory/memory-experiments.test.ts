import { beforeAll, describe, expect, it } from 'vitest';
import { DISPLAY, isImageGrid, MIME } from '../../../src/charts';
import { openExhibit } from '../../../src/experiments/open-exhibit';
import { openExperiment } from '../../../src/experiments/open-experiment';
import type { OpenedExperiment } from '../../../src/experiments/opened-experiment';
import { type Scale, type ScaleDataset, scaleOf, seedPairs } from '../../../src/experiments/scales';
import { fineTuningsOf } from '../../../src/experiments/self-adaptive-memory/inspect';
import { memoryFigure3 } from '../../../src/experiments/self-adaptive-memory/memory-figure-3';
import { memoryFigure4 } from '../../../src/experiments/self-adaptive-memory/memory-figure-4';
import { memoryTable1 } from '../../../src/experiments/self-adaptive-memory/memory-table-1';
import { memoryTable2 } from '../../../src/experiments/self-adaptive-memory/memory-table-2';
import { type BoundStage, InProcessExecutor, plan, Store, type Sweep } from '../../../src/sweeps';
import { temporaryFolder } from '../../helpers/temporary';
import { fineTuning, sampling, savedPrior, world } from './tiny-generation';

const few: ScaleDataset = {
  is: 'a few still lifes',
  pool: () => ({ ...world, perClass: 10 }),
  train: { ...world, perClass: 40, seed: 5 },
  test: { ...world, split: 'test' },
};

const folder = temporaryFolder();
let tiny: Scale;
beforeAll(async () => {
  const prior = await savedPrior(folder);
  const network = { depth: 1, width: 2 };
  tiny = {
    ...scaleOf('mini', 'self-adaptive memory'),
    prior,
    methods: {
      DM: { steps: 1, realBatch: 2, network },
      'IDC-1': { steps: 1, matches: 1, warmUp: 0, trainImages: 2, realBatch: 2, network },
      GLaD: { steps: 1, realBatch: 2, network },
    },
    datasets: async (names) => new Map(names.map((name) => [name, few])),
    imagesPerClass: [1],
    imageSize: 16,
    networkSize: 16,
    generation: { prior, fineTuning, sampling },
    networks: { 'ConvNet-6': 'conv3-in-w8', 'ResNetAP-10': 'conv4-in-w8', 'ResNet-18': 'resnet10-in-w4' },
    teachers: { 'ResNet-18': { network: 'conv3-w8', epochs: 20, batch: 20, seed: 0, learningRate: 1e-2 } },
    recipe: { idc: { epochs: 1 } },
    pairs: seedPairs(1),
  };
});

const ten = { ...memoryTable1, where: ({ imagesPerClass }: { imagesPerClass: number }) => imagesPerClass === 10 };

/** Distinct stages of a name below the students. */
function distinct({ sweep }: OpenedExperiment, name: string): Set<string> {
  const found = new Set<string>();
  const visit = (bound: BoundStage): void => {
    if (bound.stage.name === name) found.add(bound.id);
    for (const input of Object.values(bound.inputs).flat()) visit(input as BoundStage);
  };
  for (const { target } of sweep.points) visit(target);
  return found;
}

describe('a table of paper 000', () => {
  it('draws each set once for all architectures, and fine-tunes once for all numbers of images', async () => {
    const table = await openExperiment(ten, { scale: { ...tiny, imagesPerClass: [10] } });
    expect(table.sweep.points).toHaveLength(3 * 9);
    expect(table.missing.filter(({ place }) => place.imagesPerClass === 10)).toEqual([]);
    expect(distinct(table, 'fine-tuned-prior').size).toBe(2);
    expect(distinct(table, 'generated-images').size).toBe(3);
    const wider = await openExperiment(memoryTable1, { scale: { ...tiny, imagesPerClass: [10, 20] } });
    expect(distinct(wider, 'fine-tuned-prior')).toEqual(distinct(table, 'fine-tuned-prior'));
    expect(wider.missing.map(({ place }) => place.imagesPerClass)).toEqual(expect.arrayContaining([50, 70, 100]));
  });

  it('trains a student on the set of every method, also of those that take the prior for a generator', async () => {
    const store = new Store(`${folder}/table`);
    const scale = { ...tiny, imagesPerClass: [10] };
    const table = await openExperiment({ ...memoryTable2, where: ten.where }, { scale });
    const results = await table.run({ store, executor: new InProcessExecutor(store), onProgress: () => undefined });
    const accuracies = results.rows.map(({ method, accuracy }) => [method, accuracy]);
    expect(accuracies).toEqual(memoryTable2.axes.method!.map((method) => [method, expect.any(Number)]));
  });
});

describe('figure 4', () => {
  it('varies one setting at a time: the adopted ones are one fine-tuning, which Table 1 has too', async () => {
    // Memories as the released code has them, where the tiny scale's are smaller.
    const generation = { ...tiny.generation!, fineTuning: { steps: 4, batch: 3 } };
    const scale = { ...tiny, imagesPerClass: [10], generation };
    const tuned = distinct(await openExperiment(memoryFigure4, { scale }), 'fine-tuned-prior');
    expect(tuned.size).toBe(1 + 3 + 3 + 2 + 2);
    const table = distinct(await openExperiment(ten, { scale }), 'fine-tuned-prior');
    expect([...table].filter((id) => tuned.has(id))).toHaveLength(1);
  });

  it('has the adopted value in the grid of each setting', () => {
    const { adopted } = memoryFigure4.chart as { adopted: Record<string, number> };
    for (const [setting, value] of Object.entries(adopted)) {
      expect(memoryFigure4.where!({ setting, value } as never), setting).toBe(true);
    }
  });
});

describe('figure 3', () => {
  it('shows the sets of Table 1 side by side, without a student', async () => {
    const store = new Store(`${folder}/store`);
    const running = { store, executor: new InProcessExecutor(store), onProgress: () => undefined };
    const results = await openExhibit(memoryFigure3, { scale: tiny }).run(running);
    expect(results.rows.map(({ method, images }) => [method, images])).toEqual(
      ['random', 'DiT', 'Minimax', 'self-adaptive memory'].map((method) => [method, 10]),
    );
    expect(isImageGrid(results.picture)).toBe(true);
    expect((await results.leftOut[DISPLAY]())[MIME.markdown]).toContain('1 images per class in place of 50; a larger');
    const table = await openExperiment(ten, { scale: { ...tiny, imagesPerClass: [10] } });
    const { stages } = await plan(table.sweep as unknown as Sweep, { store });
    const tuning = stages.filter(({ stage }) => stage === 'fine-tuned-prior');
    expect(tuning.reduce((sum, { pieces, hits }) => sum + pieces - hits, 0)).toBe(0);
  });

  it('leaves fine-tunings whose losses and memories can be looked at', async () => {
    const store = new Store(`${folder}/store`);
    const table = await openExperiment(ten, { scale: { ...tiny, imagesPerClass: [10] } });
    const { terms, memories } = await fineTuningsOf(table, { store, executor: new InProcessExecutor(store) });
    expect(terms.filter(({ method }) => method === 'Minimax').map(({ step }) => step)).toEqual([0, 1, 2, 3]);
    const kinds = ['real', 'generated'];
    expect(memories.map(({ method, kind }) => [method, kind])).toEqual(
      ['Minimax', 'self-adaptive memory'].flatMap((method) => kinds.map((kind) => [method, kind])),
    );
    for (const { age, oldest, timestep } of memories) {
      expect(oldest).toBeLessThanOrEqual(4);
      expect(age).toBeLessThanOrEqual(oldest);
      expect(timestep).toBeLessThan(1000);
    }
  });

  it('says why a scale has none', async () => {
    await expect(openExhibit(memoryFigure3, { scale: 'cifar' }).run()).rejects.toThrow('No class-conditional prior');
  });
});
