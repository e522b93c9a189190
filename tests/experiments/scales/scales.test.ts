import { describe, expect, it } from 'vitest';
import { besideThePaper, changedScale, type Scale, scaleOf, seedPairs, standIn } from '../../../src/experiments/scales';

describe('scaleOf', () => {
  it('names the scales that there are', () => {
    expect(() => scaleOf('huge')).toThrow("Expected a scale among mini, cifar, paper, got 'huge'.");
  });
});

describe('changedScale', () => {
  it('lays settings of the selection over the scale’s, and replaces the rest', () => {
    const mini = scaleOf('mini');
    const changed = changedScale(mini, { selection: { clusters: 4 }, pairs: seedPairs(1) });
    expect(changed.selection).toEqual({ ...mini.selection, clusters: 4 });
    expect(changed.pairs).toEqual([{ set: 0, student: 0 }]);
    expect(changed.networks).toBe(mini.networks);
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

describe('besideThePaper', () => {
  it('lists what differs and nothing else', () => {
    const rows = besideThePaper(scaleOf('mini'));
    expect(rows).toContainEqual({ setting: 'short side of an image, pixels', here: '96', paper: '256' });
    expect(rows.map(({ setting }) => setting)).not.toContain('timestepRange');
    for (const { here, paper } of rows) expect(here).not.toBe(paper);
  });

  it('is empty for the paper itself', () => {
    expect(besideThePaper(scaleOf('paper') as Scale)).toEqual([]);
  });
});
