/** Coresets and learned sets as stages: bound by their names in tables, run on a few tiny images. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { stillLife } from '../../../src/datasets';
import { buildNetwork, imageNetNormalisation, saveTeacher } from '../../../src/evaluation';
import type { MethodName } from '../../../src/experiments/method-names';
import { bindMethod } from '../../../src/experiments/methods';
import { mini, NotAtThisScale, scaleOf } from '../../../src/experiments/scales';
import {
  bindDatm,
  bindSre2l,
  bindTesla,
  dmSet,
  gladSet,
  grandSelected,
  type StoredTeacher,
} from '../../../src/experiments/stages';
import type { DistilledSet } from '../../../src/methods';
import { type BoundStage, type Json, type Progress, run, stage, Store } from '../../../src/sweeps';
import { stepsDone } from '../../helpers/steps-done';
import { temporaryFolder } from '../../helpers/temporary';
import { stoppableContext } from './stoppable-context';

const folder = temporaryFolder();
const store = new Store(join(folder, 'store'));
const dataset = { kind: 'still-life', split: 'train', perClass: 1, size: 32, seed: 0 } as const;
const { classes } = stillLife(dataset);

/** A network that has learnt nothing. */
const untaught = stage({
  name: 'untaught',
  version: 1,
  parameters: z.object({}),
  async run(context): Promise<StoredTeacher> {
    const network = buildNetwork('conv3-w4', { classes: classes.length, size: 16, seed: 5 });
    const file = join(await context.scratch(), 'teacher.safetensors');
    const about = { name: 'conv3-w4' as const, accuracy: 0.5, classes, size: 16, normalisation: imageNetNormalisation };
    await saveTeacher({ network, ...about }, file);
    network.dispose();
    return { name: 'conv3-w4', accuracy: 0.5, weights: await context.file(file) };
  },
}).bind({});

describe('a comparator of a table', () => {
  const context = { scale: mini, pool: dataset, imagesPerClass: 1, seed: 3, teacher: untaught };
  const bind = (name: MethodName, settings = {}) => bindMethod(name, settings, context).parameters as object;

  it.each(['k-center', 'herding', 'GraNd'] as const)('%s takes whole images of the size that networks see', (name) => {
    expect(bind(name)).toMatchObject({ imagesPerClass: 1, size: mini.networkSize });
  });

  it.each(['DM', 'DSA', 'IDC-1', 'IDM', 'GLaD'] as const)(
    "%s has the scale's settings, and a cell's over them",
    (name) => {
      expect(bind(name)).toMatchObject({ ...mini.methods![name], seed: 3, size: mini.networkSize });
      expect(bind(name, { steps: 7 })).toMatchObject({ steps: 7, network: { width: 32 } });
      expect(() => bind(name, { stepz: 7 })).toThrow(/stepz/);
    },
  );

  it.each(['TESLA', 'DATM'] as const)("%s has the scale's settings, and the experts that both share", (name) => {
    const { experts, ...settings } = mini.methods![name]!;
    expect(bind(name)).toMatchObject({ ...settings, seed: 3, size: mini.networkSize });
    expect(bind(name, { steps: 7 })).toMatchObject({ steps: 7, network: { width: 32 } });
    expect(() => bind(name, { experts: { epoch: 7 } })).toThrow(/epoch/);
    const expertsOf = (method: MethodName, imagesPerClass: number) => {
      const { inputs } = bindMethod(method, {}, { ...context, imagesPerClass, seed: imagesPerClass });
      return (inputs.experts as BoundStage).id;
    };
    expect(experts!.count).toBe(3);
    expect(expertsOf(name, 10)).toBe(expertsOf('TESLA', 1));
  });

  it('has the format of the compared sets, also where a scale has the paper’s own', () => {
    const paper = { ...scaleOf('paper'), selection: {}, networkSize: 224 };
    const inPaper = (name: MethodName) =>
      bindMethod(name, {}, { ...context, pool: { ...dataset, perClass: 4 }, scale: paper }).parameters;
    expect(inPaper('random patches')).toMatchObject({ patchSize: 224, factor: 2 });
    expect(inPaper('RDED')).toMatchObject({ factor: 2 });
  });

  it('is left out where it needs what a scale lacks: the oracle masks and patches', () => {
    const whole = { ...mini, selection: { patchSize: 'image' } } as const;
    expect(() => bindMethod('oracle', {}, { ...context, scale: whole })).toThrow(NotAtThisScale);
  });

  it('IGD halves images no more often than their side allows', () => {
    const { depth } = scaleOf('cifar').methods!.IGD!.surrogate!;
    expect(2 ** depth!).toBeLessThanOrEqual(scaleOf('cifar').imageSize);
  });

  it("SRe2L has the scale's settings, and a cell's over them", () => {
    expect(bind('SRe2L', { firstWeight: 1 })).toMatchObject({ settings: { ...mini.methods!.SRe2L, firstWeight: 1 } });
  });
});

describe('their stages', () => {
  it('choose whole images by the teacher', async () => {
    const settings = { dataset, imagesPerClass: 1, size: 16, weights: 'last layer' } as const;
    const { output } = await run(grandSelected.bind(settings, { inputs: { observer: untaught } }), { store });
    expect(output.images.map(({ label }) => label)).toEqual([...classes.keys()]);
  });

  it("learn latents of the scale's prior", async () => {
    const { prior } = bindMethod(
      'GLaD',
      {},
      { scale: mini, pool: dataset, imagesPerClass: 1, seed: 3, teacher: untaught },
    ).parameters as { prior: { name: string; fingerprint: string } };
    expect(prior.name).toBe(mini.prior);
    const tiny = { dataset, imagesPerClass: 1, size: 16, steps: 1, realBatch: 1, network: { depth: 1, width: 2 } };
    const { output } = await run(gladSet.bind({ ...tiny, prior }), { store });
    expect(output).toMatchObject({ method: 'GLaD', size: 16, settings: { steps: 1, learningRate: 10 } });
    expect(output.images.map(({ label }) => label)).toEqual([...classes.keys()]);
  });

  it('recover images from the teacher, a piece per image of each class that larger sets find again', async () => {
    const settings = { dataset, imagesPerClass: 2, size: 16, iterations: 1 };
    const { output, stages } = await run(bindSre2l(settings, untaught), { store });
    expect(output).toMatchObject({
      method: 'SRe2L',
      imagesPerClass: 2,
      size: 16,
      settings: { iterations: 1, seed: 0 },
    });
    expect(output.images.length).toBe(20);
    expect(stages.find((one) => one.stage === 'recovered-images')!.misses).toBe(2);
  });

  it('lead students along the ways of stored experts', async () => {
    const experts = { count: 2, epochs: 2, batch: 5 };
    const network = { depth: 1, width: 2 };
    const tiny = { dataset, imagesPerClass: 1, size: 8, steps: 1, studentSteps: 1, expertEpochs: 1, network, experts };
    const bound = [
      bindTesla({ ...tiny, maxStart: 1 }),
      bindDatm({ ...tiny, firstMaxStart: 1, maxStart: 1, initial: 'real' }),
    ];
    const { output, stages } = await run(bound, { store });
    expect(output).toMatchObject([{ method: 'TESLA' }, { method: 'DATM' }]);
    for (const { logits } of output[1]!.images) expect(logits).toHaveLength(classes.length);
    expect(stages.find((one) => one.stage === 'expert-trajectories')!.misses).toBe(2);
  });

  it('keep a checkpoint of unfinished work, and none of what is done', async () => {
    const work = join(folder, 'work');
    const tiny = { dataset, imagesPerClass: 1, size: 8, steps: 4, realBatch: 1, network: { depth: 1, width: 2 } };
    const perform = async (stop?: { label: string; at: number }): Promise<{ set: DistilledSet; steps: number[] }> => {
      const context = stoppableContext({ store, folder, work, ...(stop && { stop }) });
      const { steps, onProgress } = stepsDone(/^Learning/);
      const both = (progress: Progress) => {
        onProgress(progress);
        context.onProgress(progress);
      };
      const { parameters } = dmSet.bind(tiny);
      const set = await dmSet.call({ ...context, onProgress: both }, parameters as Json, undefined, {});
      context.filed();
      return { set: set as DistilledSet, steps };
    };
    const straight = await perform();
    expect(straight.set).toMatchObject({ method: 'DM', size: 8, settings: { steps: 4 } });
    expect(readdirSync(work)).toEqual([]);
    await expect(perform({ label: 'Learning', at: 2 })).rejects.toThrow('stopped');
    expect(readdirSync(work)).toEqual([expect.stringMatching(/^dm-set-\w{16}\.safetensors$/)]);
    const resumed = await perform();
    expect(resumed.steps).toEqual([2, 3, 4]); // from zero it would begin with 1
    expect(resumed.set.images).toEqual(straight.set.images);
    expect(readdirSync(work)).toEqual([]);
  });
});
