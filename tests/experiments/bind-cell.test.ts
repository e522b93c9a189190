import { beforeAll, describe, expect, it } from 'vitest';
import { quickestPrecision } from '../../src/engine';
import { bindCell } from '../../src/experiments/bind-cell';
import type { Cell } from '../../src/experiments/experiment';
import { NotAtThisScale, type Scale, type ScaleDataset, scaleOf } from '../../src/experiments/scales';
import { lowResolution } from '../../src/experiments/scales/low-resolution';
import type { BoundStage } from '../../src/sweeps';
import { temporaryFolder } from '../helpers/temporary';
import { savedPrior } from './self-adaptive-memory/tiny-generation';

const world: ScaleDataset = {
  is: 'still lifes',
  pool: ({ perClass, size }) => ({ kind: 'still-life', split: 'train', perClass, size }),
  train: { kind: 'still-life', split: 'train', perClass: 2, seed: 5 },
  test: { kind: 'still-life', split: 'test', perClass: 1 },
};
const scale: Scale = {
  ...scaleOf('mini'),
  realImages: 30,
  imageSize: 64,
  teachers: { 'ResNet-18': { network: 'conv3', epochs: 1, seed: 0 } },
};
const cell: Cell = { dataset: 'ImageWoof', method: 'diffusion-driven selection', imagesPerClass: 1 };
const seeds = { set: 3, student: 4 };
const bind = (changes: Partial<Cell>) => bindCell({ ...cell, ...changes }, scale, world, seeds);

describe('bindCell', () => {
  it('tells a plan how many images a student learns from', async () => {
    const many = async (imagesPerClass: number) => {
      const { student } = await bind({ imagesPerClass });
      return student.stage.amount(student.parameters, student.unkeyed)!;
    };
    expect(await many(10)).toBe((await many(1)) + 9);
  });

  it("takes sides in the paper's pixels, and real images in its numbers, to the scale's own", async () => {
    const { context, settings } = await bind({ settings: { imageSize: 128, patchSize: 112 }, realImages: 100 });
    expect(context.pool).toMatchObject({ perClass: 10, size: 32 });
    expect(settings).toEqual({ patchSize: 28 });
  });

  it('lays the settings of the cell over those of the scale, features by kind', async () => {
    const { distilled } = await bind({ settings: { features: { kind: 'dift', timestep: 0.5 }, clusters: 8 } });
    expect(distilled.parameters).toMatchObject({
      settings: { features: { kind: 'dift', timestep: 0.5, upBlock: 0, ensemble: 4 }, clusters: 8 },
    });
  });

  it('gives the controls the format of the compared sets: mosaics of four patches up to ten images per class', async () => {
    for (const method of ['random patches', 'oracle', 'object missed'] as const) {
      const { distilled } = await bind({ method });
      expect(distilled.parameters, method).toMatchObject({ patchSize: 48, factor: 2 });
    }
    expect((await bind({ method: 'random' })).distilled.parameters).toMatchObject({ patchSize: 'image', factor: 1 });
    expect((await bind({ method: 'oracle', settings: { factor: 1 } })).distilled.parameters).toMatchObject({
      factor: 1,
    });
  });

  it("shows students images of another side where a recipe says so, but never another than the teacher's", async () => {
    const changed = { ...scale, recipe: { hard: { size: 32 }, rded: { size: 32 } } };
    const sizes = async (protocol: 'hard' | 'rded') => {
      const { distilled, student } = await bindCell({ ...cell, method: 'random', protocol }, changed, world, seeds);
      return [distilled, student].map(({ parameters }) => (parameters as { size: number }).size);
    };
    expect(await sizes('hard')).toEqual([64, 32]);
    await expect(sizes('rded')).rejects.toThrow("Expected students of the teacher's 64 pixels");
  });

  it("takes noise losses and students in the scale's precision, if no setting names one", async () => {
    const inPrecision = async (precision: NonNullable<Scale['precision']>, settings = {}) => {
      const { distilled, student } = await bindCell({ ...cell, settings }, { ...scale, precision }, world, seeds);
      return [distilled, student].map(({ parameters }) => parameters as object);
    };
    const [, asBefore] = await inPrecision('float32');
    expect(asBefore).not.toHaveProperty('precision');
    for (const wanted of ['bfloat16', 'quickest'] as const) {
      const precision = wanted === 'quickest' ? quickestPrecision() : wanted;
      const [set, student] = await inPrecision(wanted);
      expect(set, wanted).toMatchObject({ settings: { precision } });
      expect((student as { precision?: string }).precision ?? 'float32', wanted).toBe(precision);
    }
    const [set] = await inPrecision('bfloat16', { precision: 'float32' });
    expect(set).toMatchObject({ settings: { precision: 'float32' } });
  });

  it("samples and recovers in the scale's precision", async () => {
    for (const method of ['D4M', 'MGD3', 'IGD', 'D3HR', 'SRe2L'] as const) {
      const parametersIn = async (precision: 'float32' | 'bfloat16') =>
        JSON.stringify(
          (await bindCell({ ...cell, method }, { ...scale, precision }, world, seeds)).distilled.parameters,
        );
      expect(await parametersIn('bfloat16'), method).toContain('"precision":"bfloat16"');
      expect(await parametersIn('float32'), method).toContain('"precision":"float32"');
    }
  });

  it("keeps a teacher's answers where a table has several students of it; the usual pair is the one of every table", async () => {
    const networks = { ...scale.networks, 'ViT-B': 'vit_micro_8' } as const;
    const studentOf = async (names: Partial<Cell>, changes: Partial<Scale> = {}) =>
      (await bindCell({ ...cell, method: 'random', ...names }, { ...scale, networks, ...changes }, world, seeds))
        .student;
    const stagesOf = (student: Awaited<ReturnType<typeof studentOf>>) => JSON.stringify(student.inputs);
    expect(stagesOf(await studentOf({ student: 'ViT-B' }))).toContain('teacher-answers');
    expect((await studentOf({ student: 'ResNet-18', teacher: 'ResNet-18' })).id).toBe((await studentOf({})).id);
    expect(stagesOf(await studentOf({ student: 'ViT-B', protocol: 'hard' }))).not.toContain('teacher-answers');
  });

  it('runs the pairs of teacher and student that the scale has time for', async () => {
    const teachers = { ...scale.teachers, 'ViT-B': { network: 'vit_micro_8', epochs: 1, seed: 0 } } as const;
    const pairings = { 'ResNet-18': ['ResNet-18', 'ViT-B'], 'ViT-B': ['ViT-B'] };
    const pair = (changes: Partial<Scale>, teacher: string, student: string) =>
      bindCell({ ...cell, method: 'random', teacher, student }, { ...scale, teachers, ...changes }, world, seeds);
    expect((await pair({ pairings }, 'ViT-B', 'ViT-B')).student.parameters).toMatchObject({ network: 'vit_micro_8' });
    await expect(pair({ pairings }, 'ViT-B', 'ResNet-18')).rejects.toThrow(
      "Scale 'mini' leaves pairs of a teacher and a student out for their cost: ResNet-18 teaches ResNet-18, ViT-B; ViT-B teaches ViT-B.",
    );
    await expect(pair({ pairings: 'all' }, 'ViT-B', 'ResNet-18')).resolves.toBeDefined();
    // A network that the scale doesn't have is the nearer reason.
    await expect(pair({ pairings }, 'ConvNet', 'ResNet-18')).rejects.toThrow('ConvNet has no stand-in');
  });

  it('seeds set and student apart, and every method alike', async () => {
    for (const method of ['diffusion-driven selection', 'random', 'random patches', 'oracle'] as const) {
      const { distilled, student } = await bind({ method });
      expect(student.parameters).toMatchObject({ seed: 4 });
      expect(JSON.stringify(distilled.parameters)).toMatch(/"(seed|clusteringSeed)":3/);
    }
  });

  it("takes another protocol's recipe where labels are compared under one", async () => {
    const [rded, hard] = [{ epochs: 7, learningRate: 0.5 }, { epochs: 9 }];
    const parametersOf = async (changes: Partial<Cell>) => {
      const hardLabels = { ...cell, method: 'random', protocol: 'hard', ...changes } as const;
      return (await bindCell(hardLabels, { ...scale, recipe: { rded, hard } }, world, seeds)).student.parameters;
    };
    expect(await parametersOf({ recipe: 'rded' })).toMatchObject({ ...rded, protocol: 'hard' });
    expect(await parametersOf({})).toMatchObject({ ...hard, protocol: 'hard' });
    expect(await parametersOf({})).not.toHaveProperty('learningRate');
  });

  it('gives a teacher to soft labels alone', async () => {
    const names = async (changes: Partial<Cell>) => Object.values((await bind(changes)).student.inputs).flat().length;
    expect(await names({ method: 'random' })).toBe(2);
    expect(await names({ method: 'random', protocol: 'hard' })).toBe(1);
  });

  it('says which networks a scale has', async () => {
    await expect(bind({ student: 'VGG-11' })).rejects.toThrow(NotAtThisScale);
    await expect(bind({ student: 'VGG-11' })).rejects.toThrow(
      "VGG-11 has no stand-in at scale 'mini'; it has ResNet-18, ResNet-50, ResNet-101, MobileNet-V2, EfficientNet-B0, Swin-T, ViT-B.",
    );
  });

  it('refuses a name that no method has, and lists those that there are', async () => {
    const method = 'RDEd' as Cell['method'];
    await expect(bind({ method })).rejects.toThrow(/^Expected the name of a method \(.*RDED.*\), got 'RDEd'\.$/);
  });

  it('gives a student a learning rate of its own where the scale has one, also beside a recipe', async () => {
    expect((await bind({ student: 'ViT-B' })).student.parameters).toMatchObject({
      network: 'vit_micro_8',
      learningRate: 1e-3,
      epochs: 300,
    });
    expect((await bind({})).student.parameters).toMatchObject({ network: 'resnet10-w32', learningRate: 3e-3 });
  });

  it('takes low-resolution images whole, shows them to the prior at 256 pixels and to networks as they are', async () => {
    const small: ScaleDataset = { ...world, changes: lowResolution(32, 'conv3') };
    const { distilled, student, context } = await bindCell({ ...cell, student: 'ConvNet' }, scale, small, seeds);
    expect(context.pool).toMatchObject({ size: 32 });
    expect(distilled.parameters).toMatchObject({
      size: 32,
      factor: 1,
      settings: { patchSize: 'image', encodedSize: 256 },
    });
    expect(student.parameters).toMatchObject({ network: 'conv3', size: 32 });
    expect((context.teacher as BoundStage).parameters).toMatchObject({ network: 'resnet18-modified', size: 32 });
    expect((await bind({})).distilled.parameters).not.toMatchObject({ settings: { encodedSize: 256 } });
  });

  it('gives methods that learn from the whole training set all of it, and takes a table at its word', async () => {
    const reading: Scale = { ...scale, reads: { herding: { perClass: 90, size: 80 } } };
    const pool = async (changes: Partial<Cell>) =>
      (await bindCell({ ...cell, ...changes }, reading, world, seeds)).context.pool;
    expect(await pool({ method: 'herding' })).toMatchObject({ perClass: 90, size: 80 });
    expect(await pool({ method: 'random' })).toMatchObject({ perClass: 30, size: 64 });
    expect(await pool({ method: 'herding', realImages: 100 })).toMatchObject({ perClass: 10, size: 64 });
    const { DSA, D4M, IGD, RDED } = scaleOf('paper').reads!;
    const all = Number.POSITIVE_INFINITY;
    expect({ DSA, D4M, IGD, RDED }).toEqual({
      DSA: { perClass: all },
      D4M: { perClass: all, size: 512 },
      IGD: { perClass: all, size: 256 },
      RDED: { perClass: 600 },
    });
  });

  it('takes settings of methods that a dataset has of its own, under those of the scale', async () => {
    const own: ScaleDataset = {
      ...world,
      methods: (ipc) => ({ IDM: { classWeight: ipc >= 50 ? 0.1 : 0.5, steps: 9 } }),
    };
    const settings = async (imagesPerClass: number, methods: Scale['methods'] = {}) =>
      (await bindCell({ ...cell, method: 'IDM', imagesPerClass }, { ...scale, methods }, own, seeds)).distilled
        .parameters;
    expect(await settings(1)).toMatchObject({ classWeight: 0.5, steps: 9 });
    expect(await settings(50)).toMatchObject({ classWeight: 0.1, steps: 9 });
    expect(await settings(50, { IDM: { steps: 3 } })).toMatchObject({ classWeight: 0.5, steps: 3 });
  });

  it("gives RDED four patches per image above 64 pixels, as its script does, and the compared sets' number below", async () => {
    const large = { ...scale, networkSize: 96, realImages: 300 };
    const rded = async (imagesPerClass: number, at: Scale) =>
      (await bindCell({ ...cell, method: 'RDED', imagesPerClass }, at, world, seeds)).distilled.parameters;
    expect(await rded(50, large)).toMatchObject({ factor: 2, candidates: 300 });
    expect(await rded(75, { ...large, realImages: 400 })).toMatchObject({ factor: 2, candidates: 300 });
    expect(await rded(100, { ...large, realImages: 400 })).toMatchObject({ factor: 2, candidates: 400 });
    expect(await rded(50, { ...large, networkSize: 64 })).toMatchObject({ factor: 1 });
  });

  it('names settings that a method does not have', async () => {
    await expect(bind({ method: 'random', settings: { clusters: 3 } })).rejects.toThrow(
      /settings of 'random'.*clusters/s,
    );
    await expect(bind({ settings: { clutser: 3 } })).rejects.toThrow(/clutser/);
  });

  it('refuses a set that a class can’t fill, and a pool with fewer images than asked for, before anything runs', async () => {
    await expect(bind({ method: 'RDED', imagesPerClass: 10 })).rejects.toThrow(
      new NotAtThisScale(
        "Expected at least 40 images of 'cup' in still life train, for 10 images per class of 4 patches each, got 30: add images of this class, leave the class out, or ask for fewer images per class.",
      ),
    );
    // Two patches of an image may be candidates.
    expect((await bind({ imagesPerClass: 10 })).distilled).toBeDefined();
    await expect(bind({ imagesPerClass: 10, realImages: 150 })).rejects.toThrow(/at least 20 images .* got 15/);
    const short = { ...world, pool: () => ({ kind: 'still-life', split: 'train', perClass: 3 }) as const };
    const asked = { ...cell, method: 'random', realImages: 300 } as const;
    await expect(bindCell(asked, scale, short, seeds)).rejects.toThrow(
      /Expected at least 30 images of 'cup' .*the pool of 30 that the table asks for, got 3: .* fewer real images/,
    );
    // A scale's own number is what a class has at most.
    expect((await bindCell({ ...cell, method: 'random' }, scale, short, seeds)).distilled).toBeDefined();
  });

  it('leaves methods that generate images out where the scale has no prior for them', async () => {
    for (const method of ['self-adaptive memory', 'Minimax', 'DiT'] as const) {
      await expect(bind({ method })).rejects.toThrow(NotAtThisScale);
    }
  });
});

describe('bindCell of methods that generate images', () => {
  const folder = temporaryFolder();
  let generating: Scale;
  beforeAll(async () => {
    const prior = await savedPrior(folder);
    generating = { ...scale, generation: { prior, fineTuning: { steps: 7 }, sampling: { steps: 2 } } };
  });
  const bound = (changes: Partial<Cell>) =>
    bindCell({ ...cell, protocol: 'hard', ...changes }, generating, world, seeds);
  const settingsOf = async (changes: Partial<Cell>) =>
    ((await bound(changes)).distilled.parameters as { settings: Record<string, object> }).settings;

  it('lays the settings of the cell over those of the scale, seeds both and draws alike', async () => {
    const ours = await settingsOf({ method: 'self-adaptive memory', settings: { lambdaReal: 0.5 } });
    expect(ours).toMatchObject({
      fineTuning: { steps: 7, lambdaReal: 0.5, lambdaGenerated: 0.008, policy: 'self-adaptive', seed: 3 },
      sampling: { steps: 2, seed: 3, guidance: 4 },
    });
    const minimax = await settingsOf({ method: 'Minimax', settings: { lambdaReal: 0.5 } });
    expect(minimax).toEqual({ ...ours, fineTuning: { ...ours.fineTuning, policy: 'fifo' } });
    expect(await settingsOf({ method: 'DiT' })).toEqual({ prior: ours.prior, sampling: ours.sampling });
  });

  it('fine-tunes once for all numbers of images per class', async () => {
    const stages = async (imagesPerClass: number) => {
      const { distilled } = await bound({ method: 'Minimax', imagesPerClass });
      return (distilled.inputs.images as BoundStage[])[0]!.inputs.fineTuned as BoundStage[];
    };
    expect((await stages(1))[0]!.id).toBe((await stages(10))[0]!.id);
  });
});
