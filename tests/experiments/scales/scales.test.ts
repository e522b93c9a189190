import { describe, expect, it } from 'vitest';
import { priors } from '../../../src/experiments/priors';
import {
  besideThePaper,
  changedScale,
  type Scale,
  type ScaleDataset,
  scaleOf,
  seedPairs,
  standIn,
} from '../../../src/experiments/scales';

describe('scaleOf', () => {
  it('names the scales that there are', () => {
    expect(() => scaleOf('huge')).toThrow("Expected a scale among mini, cifar, paper, got 'huge'.");
  });
});

describe('changedScale', () => {
  it('refuses a setting that no scale has', () => {
    const misspelt = { imagesPreClass: [10] } as object;
    expect(() => changedScale(scaleOf('mini'), misspelt)).toThrow(/imagesPerClass, .*got 'imagesPreClass'/);
  });

  it('lays settings of the selection over the scale’s, and replaces the rest', () => {
    const mini = scaleOf('mini');
    const changed = changedScale(mini, { selection: { clusters: 4 }, pairs: seedPairs(1) });
    expect(changed.selection).toEqual({ ...mini.selection, clusters: 4 });
    expect(changed.pairs).toEqual([{ set: 0, student: 0 }]);
    expect(changed.networks).toBe(mini.networks);
  });

  it('lays settings of fine-tuning and sampling over the scale’s, one by one', () => {
    const mini = scaleOf('mini', 'self-adaptive memory');
    const { generation } = changedScale(mini, { generation: { fineTuning: { lambdaReal: 1 } } });
    const { prior, fineTuning, sampling } = mini.generation!;
    expect(generation).toEqual({ prior, sampling, fineTuning: { ...fineTuning, lambdaReal: 1 } });
    expect(changedScale(scaleOf('mini'), { generation: { prior: 'x' } }).generation).toBeUndefined();
  });
});

describe('standIn', () => {
  it('gives the dataset to the first name, and the others the reason', () => {
    const dataset = { is: 'the world' } as Parameters<typeof standIn>[0];
    const found = standIn(dataset, ['ImageWoof', 'ImageNet-1K']);
    expect(found.get('ImageWoof')).toBe(dataset);
    expect(found.get('ImageNet-1K')).toEqual({
      missing: 'This scale has one dataset, the world; it stands for ImageWoof in this table.',
    });
  });
});

describe('scale paper', () => {
  it('says what is missing on this machine and what to do', async () => {
    const { STILLHOUSE_IMAGENET: before } = process.env;
    process.env.STILLHOUSE_IMAGENET = 'no-such-folder';
    try {
      const found = await scaleOf('paper').datasets(['ImageWoof', 'CIFAR-10']);
      expect(found.get('ImageWoof')).toEqual({ missing: expect.stringContaining('Set STILLHOUSE_IMAGENET') });
      expect(found.get('CIFAR-10')).toEqual({ missing: expect.stringContaining('is not among ImageWoof') });
    } finally {
      if (before === undefined) delete process.env.STILLHOUSE_IMAGENET;
      else process.env.STILLHOUSE_IMAGENET = before;
    }
  });
});

describe('the scales of the paper that generates its images', () => {
  it('have the names of the others', () => {
    for (const name of ['mini', 'cifar', 'paper']) {
      expect(scaleOf(name, 'self-adaptive memory')).not.toBe(scaleOf(name));
      expect(scaleOf(name, 'self-adaptive memory').name).toBe(name);
    }
  });

  it('give each dataset a draw of the world of its own, as the prior knows it: the studio at 64 pixels', async () => {
    const found = await scaleOf('mini', 'self-adaptive memory').datasets(['ImageWoof', 'ImageNette', 'ImageNet-1K']);
    expect(found.get('ImageNet-1K')).toEqual({ missing: expect.stringContaining('it has ImageWoof') });
    if (!priors().includes('still-life-dit')) {
      expect(found.get('ImageWoof')).toEqual({ missing: expect.stringContaining('npm run train:priors') });
      return;
    }
    const pools = ['ImageWoof', 'ImageNette'].map((name) =>
      (found.get(name) as ScaleDataset).pool({ perClass: 2, size: 64 }),
    );
    expect(pools).toEqual(
      [0, 20].map((seed) => expect.objectContaining({ kind: 'still-life', size: 64, seed, scenery: 'studio' })),
    );
    for (const pool of pools) expect(pool).not.toHaveProperty('objectArea');
  });

  it('say why there is nothing at scale cifar', async () => {
    const found = await scaleOf('cifar', 'self-adaptive memory').datasets(['ImageWoof']);
    expect(found.get('ImageWoof')).toEqual({ missing: expect.stringContaining('No class-conditional prior') });
  });
});

describe('besideThePaper', () => {
  it('lists what differs and nothing else', () => {
    const rows = besideThePaper(scaleOf('mini'));
    expect(rows).toContainEqual({ setting: 'short side of an image, pixels', here: '96', paper: '256' });
    expect(rows.map(({ setting }) => setting)).not.toContain('timestepRange');
    for (const { here, paper } of rows) expect(here).not.toBe(paper);
  });

  it('lists the settings of some methods and protocols alone, if they are named', () => {
    const named = (shown?: Parameters<typeof besideThePaper>[2]) =>
      besideThePaper(scaleOf('mini'), 'diffusion-driven selection', shown).map(({ setting }) => setting.split(', ')[0]);
    expect(named()).toEqual(expect.arrayContaining(['DM', 'SRe2L', 'rded', 'hard']));
    const some = named({ methods: ['SRe2L'], protocols: ['hard'] });
    expect(some).toEqual(expect.arrayContaining(['SRe2L', 'hard']));
    for (const other of ['DM', 'rded']) expect(some).not.toContain(other);
  });

  it('has our readings alone at the scale of the paper itself', () => {
    const readings = besideThePaper(scaleOf('paper') as Scale);
    expect(readings).toEqual(scaleOf('paper').readings);
    expect(readings.find(({ setting }) => setting === 'teacher')?.paper).toContain('RDED');
  });

  it('lists fine-tuning and sampling where images are generated, not a selection', () => {
    const of = 'self-adaptive memory';
    const settings = besideThePaper(scaleOf('mini', of), of, { protocols: ['idc'] });
    expect(settings).toContainEqual({ setting: 'idc, side to students, pixels', here: '32', paper: '224' });
    expect(settings).toContainEqual({ setting: 'fine-tuning, steps', here: '1000', paper: '12000' });
    expect(settings.map(({ setting }) => setting).filter((name) => /clusters|draws|teacher/.test(name))).toEqual([]);
    expect(besideThePaper(scaleOf('paper', of), of)).toEqual(scaleOf('paper', of).readings);
  });
});
