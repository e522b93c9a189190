/** The comparators that generate, as cells bind them and stages perform them, with a prior of random weights. */
import { beforeAll, describe, expect, it } from 'vitest';
import { bindCell } from '../../src/experiments/bind-cell';
import type { Cell } from '../../src/experiments/experiment';
import { type Scale, type ScaleDataset, scaleOf } from '../../src/experiments/scales';
import { type DistilledSet, distilledFingerprint, type SurrogateWeights } from '../../src/methods';
import type { BoundStage, Json, StageContext } from '../../src/sweeps';
import { temporaryFolder } from '../helpers/temporary';
import { savedPrior, world } from './self-adaptive-memory/tiny-generation';

const folder = temporaryFolder();
const dataset: ScaleDataset = { is: 'still lifes', pool: () => world, train: world, test: world };
let scale: Scale;
beforeAll(async () => {
  const prior = await savedPrior(folder);
  scale = { ...scaleOf('mini'), prior, generation: { prior, fineTuning: {}, sampling: {} }, networkSize: 16 };
});
const bind = async (changes: Pick<Cell, 'method' | 'settings'>) =>
  (await bindCell({ dataset: 'ImageWoof', imagesPerClass: 1, ...changes }, scale, dataset, { set: 3, student: 4 }))
    .distilled;

describe('a scale', () => {
  it('may set what a cell leaves out', async () => {
    scale = { ...scale, methods: { D3HR: { groups: 7, guidance: 2 } } };
    const { parameters } = await bind({ method: 'D3HR', settings: { guidance: 3 } });
    expect(parameters).toMatchObject({ groups: 7, guidance: 3, back: 31 });
  });
});

const context: StageContext = {
  signal: new AbortController().signal,
  threads: 1,
  unkeyed: undefined,
  onProgress: () => undefined,
  log: () => undefined,
  afterFiled: () => undefined,
  scratch: () => Promise.reject(new Error('no scratch here')),
  file: () => Promise.reject(new Error('no files here')),
  folder: () => Promise.reject(new Error('no folders here')),
  keep: async <T>(_name: string, make: () => T | Promise<T>) => make(),
};
const perform = ({ stage, parameters }: BoundStage<DistilledSet>) =>
  stage.call(context, parameters as Json, undefined, {}) as Promise<DistilledSet>;

describe("IGD's surrogate", () => {
  const settings = { steps: 1, guidedSteps: [0, 0], surrogate: { epochs: 1, depth: 1, width: 4, batch: 16 } };
  const bindAt = async (changes: Partial<Cell>, seed = 3) => {
    const cell = { dataset: 'ImageWoof', imagesPerClass: 1, method: 'IGD', settings, ...changes } as const;
    return (await bindCell(cell, scale, dataset, { set: seed, student: 4 })).distilled;
  };
  const surrogateOf = ({ inputs }: BoundStage<DistilledSet>) => inputs.surrogates as BoundStage<SurrogateWeights[]>;

  it('is trained once for sets of every seed, size and strength', async () => {
    const one = await bindAt({});
    const others = [await bindAt({}, 8), await bindAt({ settings: { ...settings, influence: 1 } })];
    for (const other of others) {
      expect(other.id).not.toBe(one.id);
      expect(surrogateOf(other).id).toBe(surrogateOf(one).id);
    }
    const longer = await bindAt({ settings: { ...settings, surrogate: { ...settings.surrogate, epochs: 2 } } });
    expect(surrogateOf(longer).id).not.toBe(surrogateOf(one).id);
  });

  it('gives the set what the set would train itself', async () => {
    const bound = await bindAt({});
    const { stage, parameters } = surrogateOf(bound);
    const surrogates = await stage.call(context, parameters as Json, undefined, {});
    const set = (await bound.stage.call(context, bound.parameters as Json, undefined, { surrogates })) as DistilledSet;
    expect(distilledFingerprint(set)).toBe(distilledFingerprint(await perform(bound)));
  });
});

describe.each([
  ['D4M', { steps: 1, strength: 1 }],
  ['MGD3', { steps: 2, stopAt: 0 }],
  ['D3HR', { steps: 1, back: 1, groups: 3 }],
  ['IGD', { steps: 1, guidedSteps: [0, 0], surrogate: { epochs: 1, depth: 1, width: 4, batch: 16 } }],
] as const)('%s as a cell', (method, settings) => {
  it('is seeded like every method and takes its settings, and no others', async () => {
    expect((await bind({ method, settings })).parameters).toMatchObject({ ...settings, seed: 3, size: 16 });
    await expect(bind({ method, settings: { colour: 2 } })).rejects.toThrow(`Expected settings of '${method}'`);
  });

  it('is performed by its stage: one image of each class', async () => {
    const set = await perform(await bind({ method, settings }));
    expect(set).toMatchObject({ method, imagesPerClass: 1, size: 16 });
    expect(set.images.map(({ label }) => label)).toEqual([...Array(10).keys()]);
  });
});
