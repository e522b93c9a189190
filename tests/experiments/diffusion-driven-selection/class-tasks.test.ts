import { describe, expect, it } from 'vitest';
import { bindClassTasks } from '../../../src/experiments/diffusion-driven-selection/class-tasks';
import { bindTasks, datasetOf } from '../../../src/experiments/diffusion-driven-selection/tasks';
import { workBeyond } from '../../../src/sweeps';
import { tinyScale } from '../tiny-scale';

const ours = 'diffusion-driven selection';
const methods = ['RDED', 'DATM', ours] as const;
const totals = (work: ReturnType<typeof workBeyond>) => ({
  pieces: work.reduce((sum, { pieces }) => sum + pieces, 0),
  again: work.filter(({ again }) => again > 0).map(({ stage, again }) => [stage, again] as const),
});

describe('what a second task computes again', () => {
  it('is, for half of the classes, the composition of ours and all that RDED and DATM do', async () => {
    const dataset = await datasetOf(tinyScale, 'ImageWoof');
    const tasks = await bindClassTasks(tinyScale, dataset, methods, 1);
    expect([...tasks.keys()]).toEqual(methods);
    const [all, half] = tasks.get(ours)!;
    const { pieces, again } = totals(workBeyond(all, half));
    expect(pieces).toBeGreaterThan(5 * 4);
    expect(again).toEqual([['diffusion-driven-selection', 1]]);
    expect(totals(workBeyond(...tasks.get('RDED')!)).again).toEqual([['rded-selection', 1]]);
    expect(new Map(totals(workBeyond(...tasks.get('DATM')!)).again)).toEqual(
      new Map([
        ['expert-trajectories', 3],
        ['datm-set', 1],
      ]),
    );
  });

  it('has as many images as a set of mosaics needs', async () => {
    const tasks = await bindClassTasks(tinyScale, await datasetOf(tinyScale, 'ImageWoof'), ['RDED'], 10);
    expect(totals(workBeyond(...tasks.get('RDED')!)).again).toEqual([['rded-selection', 1]]);
    // Of large images RDED's set has four patches each, where the compared sets have one.
    const large = { ...tinyScale, networkSize: 96 };
    const more = await bindClassTasks(large, await datasetOf(large, 'ImageWoof'), ['RDED', ours], 11);
    expect([...more.keys()]).toEqual(['RDED', ours]);
  });

  it('is, for another number of images per class, a choice per class and the composition', async () => {
    const dataset = await datasetOf(tinyScale, 'ImageWoof');
    // Forty patches of different images make ten mosaics.
    const { bound, leftOut } = await bindTasks(
      { ...tinyScale, realImages: 40 },
      {
        dataset,
        methods: [...methods, 'Minimax'],
        imagesPerClass: [10, 1],
      },
    );
    expect(leftOut).toEqual([
      "Minimax: not at this scale. Scale 'mini' has no class-conditional prior of these images.",
    ]);
    const { sets } = bound.find(({ method }) => method === ours)!;
    expect(totals(workBeyond(sets[0]!, sets[1]!)).again).toEqual([
      ['patch-selection', 10],
      ['diffusion-driven-selection', 1],
    ]);
    // Its experts serve sets of any size.
    const { sets: matched } = bound.find(({ method }) => method === 'DATM')!;
    expect(totals(workBeyond(matched[0]!, matched[1]!)).again).toEqual([['datm-set', 1]]);
  });
});
