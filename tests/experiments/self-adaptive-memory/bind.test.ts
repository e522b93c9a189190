import { beforeAll, describe, expect, it } from 'vitest';
import { classRange } from '../../../src/datasets';
import { openDataset } from '../../../src/experiments/datasets';
import { bindGeneration, type GenerationSettings } from '../../../src/experiments/self-adaptive-memory/bind';
import { ClassConditionalDiffusion } from '../../../src/diffusion';
import { type DistilledSet, distilledFingerprint, ditSampling, selfAdaptiveMemory } from '../../../src/methods';
import { type BoundStage, run, Store } from '../../../src/sweeps';
import { temporaryFolder } from '../../helpers/temporary';
import { fineTuning, sampling, savedPrior, world } from './tiny-generation';

const folder = temporaryFolder();
const store = new Store(`${folder}/store`);
let prior: string;
beforeAll(async () => {
  prior = await savedPrior(folder);
});

const bind = (changes: Partial<GenerationSettings> = {}) =>
  bindGeneration({
    method: 'self-adaptive memory',
    dataset: world,
    prior,
    imagesPerClass: 1,
    size: 16,
    fineTuning,
    sampling,
    ...changes,
  });
const ids = (changes: Partial<GenerationSettings>) => {
  const { fineTuned, images } = bind(changes);
  return [fineTuned[0]?.id, images[0]!.id];
};
/** Pieces that were worked out, by stage. */
const made = ({ stages }: Awaited<ReturnType<typeof run>>) =>
  Object.fromEntries(stages.filter(({ misses }) => misses > 0).map(({ stage, misses }) => [stage, misses]));

describe('bindGeneration', () => {
  it('shares a fine-tuning between numbers of images and settings of the sampling', () => {
    const [tuned, images] = ids({});
    expect(ids({ imagesPerClass: 5 })).toEqual([tuned, expect.not.stringMatching(images!)]);
    expect(ids({ sampling: { ...sampling, guidance: 2 } })).toEqual([tuned, expect.not.stringMatching(images!)]);
    expect(ids({ size: 8, method: 'another name' })).toEqual([tuned, images]);
  });

  it('tells fine-tunings apart by every setting of theirs, and by the images', () => {
    const changes = [
      { lambdaReal: 0 },
      { lambdaGenerated: 0 },
      { realCapacity: 3 },
      { generatedCapacity: 3 },
      { policy: 'fifo' },
      { update: 'epoch' },
      { steps: 5 },
      { seed: 1 },
    ] as const;
    const tuned = [
      ids({})[0],
      ...changes.map((change) => ids({ fineTuning: { ...fineTuning, ...change } })[0]),
      ids({ dataset: { ...world, perClass: 3 } })[0],
    ];
    expect(new Set(tuned).size).toBe(changes.length + 2);
  });

  it('fine-tunes at most ten classes together, each group by all steps and on its own images', () => {
    expect(bind().fineTuned).toHaveLength(1);
    expect(bind().fineTuned[0]!.parameters).not.toHaveProperty('range');
    const { fineTuned, images } = bind({ classesAtOnce: 4 });
    expect(fineTuned.map(({ parameters }) => parameters)).toMatchObject([
      { steps: 4, range: { first: 0, count: 4 } },
      { steps: 4, range: { first: 4, count: 4 } },
      { steps: 4, range: { first: 8, count: 2 } },
    ]);
    const from = images.map(({ inputs }) => (inputs.fineTuned as BoundStage[]).map(({ id }) => id));
    expect(from).toEqual(fineTuned.map(({ id }) => [id]));
    expect(bind({ classesAtOnce: 4, fineTuning: undefined, method: 'DiT' }).images).toHaveLength(1);
    const large = { ...fineTuning, batch: 5 };
    expect(() => bind({ classesAtOnce: 2, fineTuning: large })).toThrow(/at least 5 images in .*classes 0 to 1/);
  });

  it('names settings that the method does not have', () => {
    const wrong = { ...fineTuning, lambdaRael: 1 } as GenerationSettings['fineTuning'];
    expect(() => bind({ fineTuning: wrong })).toThrow(/settings of self-adaptive memory:[\s\S]*lambdaRael/);
  });
});

describe('its stages', () => {
  it('give the set of selfAdaptiveMemory; further images of a class cost only themselves', async () => {
    const { distilled, fineTuned } = bind();
    const first = await run({ distilled, fineTuned: fineTuned[0]! }, { store });
    expect(made(first)).toEqual({ 'fine-tuned-prior': 1, 'generated-images': 10, 'generated-set': 1 });
    const { terms, memories } = first.output.fineTuned;
    expect(terms).toHaveLength(4);
    expect(new Set(memories.map(({ kind }) => kind))).toEqual(new Set(['real', 'generated']));

    const loaded = await ClassConditionalDiffusion.load(prior);
    const options = { prior: loaded, imagesPerClass: 1, size: 16, fineTuning, sampling };
    const direct = await selfAdaptiveMemory(openDataset(world), options);
    loaded.dispose();
    expect(distilledFingerprint(first.output.distilled)).toBe(distilledFingerprint(direct));
    expect(first.output.distilled).toMatchObject({ method: 'self-adaptive memory', factor: 1, imagesPerClass: 1 });

    const more = await run(bind({ imagesPerClass: 2 }).distilled, { store });
    expect(made(more)).toEqual({ 'generated-images': 10, 'generated-set': 1 });
    expect(more.output.images.map(({ label }) => label)).toEqual([...new Array(20).keys()].map((i) => i >> 1));
  });

  it('join the sets of groups, each as of a dataset of its classes alone', async () => {
    const { distilled, fineTuned } = bind({ classesAtOnce: 5 });
    const { output } = await run({ distilled, fineTuned: fineTuned[1]! }, { store });
    expect(output.distilled.images.map(({ label }) => label)).toEqual([...new Array(10).keys()]);
    expect(output.distilled.settings).toMatchObject({ classesAtOnce: 5 });

    const loaded = await ClassConditionalDiffusion.load(prior);
    const second = classRange(openDataset(world), { first: 5, count: 5 });
    const options = { prior: loaded, imagesPerClass: 1, size: 16, fineTuning, sampling };
    const direct = await selfAdaptiveMemory(second, options);
    loaded.dispose();
    const pixels = (images: DistilledSet['images']) => images.map((image) => image.pixels);
    expect(pixels(output.distilled.images.slice(5))).toEqual(pixels(direct.images));
  });

  it('draw from the prior as it is where nothing is fine-tuned', async () => {
    const { fineTuning: _, ...plain } = bind({ method: 'DiT' }).settings;
    const bound = bindGeneration(plain);
    expect(bound.fineTuned).toEqual([]);
    const { output } = await run(bound.distilled, { store });
    const loaded = await ClassConditionalDiffusion.load(prior);
    const direct = await ditSampling(openDataset(world), { prior: loaded, imagesPerClass: 1, ...sampling });
    loaded.dispose();
    expect(distilledFingerprint(output)).toBe(distilledFingerprint(direct));
  });
});
