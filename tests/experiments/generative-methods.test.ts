/** The comparators that generate, as cells bind them and stages run them, with a prior of random weights. */
import { beforeAll, describe, expect, it } from 'vitest';
import { bindCell } from '../../src/experiments/bind-cell';
import type { Cell } from '../../src/experiments/experiment';
import { type Scale, type ScaleDataset, scaleOf } from '../../src/experiments/scales';
import { run, Store } from '../../src/sweeps';
import { temporaryFolder } from '../helpers/temporary';
import { savedPrior, world } from './self-adaptive-memory/tiny-generation';

const folder = temporaryFolder();
const store = new Store(`${folder}/store`);
const dataset: ScaleDataset = { is: 'still lifes', pool: () => world, train: world, test: world };
let scale: Scale;
beforeAll(async () => {
  const prior = await savedPrior(folder);
  scale = { ...scaleOf('mini'), prior, generation: { prior, fineTuning: {}, sampling: {} }, networkSize: 16 };
});
const bind = async (changes: Pick<Cell, 'method' | 'settings'>) =>
  (await bindCell({ dataset: 'ImageWoof', imagesPerClass: 1, ...changes }, scale, dataset, { set: 3, student: 4 }))
    .distilled;

describe.each([['D4M', { steps: 2 }]] as const)('%s as a cell', (method, settings) => {
  it('is seeded like every method and takes its settings, and no others', async () => {
    expect((await bind({ method, settings })).parameters).toMatchObject({ ...settings, seed: 3, size: 16 });
    await expect(bind({ method, settings: { seed: 1, colour: 2 } })).rejects.toThrow(
      `Expected settings of '${method}'`,
    );
  });

  it('gives a set of one image per class', async () => {
    const { output } = await run(await bind({ method, settings }), { store });
    expect(output).toMatchObject({ method, imagesPerClass: 1, size: 16 });
    expect(output.images.map(({ label }) => label)).toEqual([...Array(10).keys()]);
  });
});
