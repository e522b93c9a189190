import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { localCifar10 } from '../../src/datasets';
import { datasetSchema, openDataset } from '../../src/experiments';
import { download } from '../../src/experiments/download';

describe('openDataset', () => {
  it('gives the same dataset for the same description, with its defaults filled in', () => {
    const world = openDataset({ kind: 'still-life', split: 'train', perClass: 3 });
    expect(openDataset({ kind: 'still-life', split: 'train', perClass: 3, size: 64, seed: 0 })).toBe(world);
    expect(world.labels).toHaveLength(30);
  });

  it('takes the first images of each class of CIFAR-10', ({ skip }) => {
    if (!localCifar10()) {
      console.log('CIFAR-10 is not on this machine: its description is not opened.');
      skip();
    }
    const photos = openDataset({ kind: 'cifar10', split: 'train', perClass: 4 });
    expect([...photos.labels].sort()).toEqual(Array.from({ length: 40 }, (_, i) => Math.floor(i / 4)));
  });

  it('keeps folders out of descriptions, so that a stage has one key on every machine', () => {
    expect(datasetSchema.parse({ kind: 'cifar10', split: 'test', folder: 'somewhere' })).not.toHaveProperty('folder');
  });

  it('refuses a dataset it does not know', () => {
    expect(() => openDataset({ kind: 'imagenet' } as never)).toThrow('still-life');
  });
});

describe('download', () => {
  it('names the datasets there are', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'stillhouse-'));
    await expect(download('cifar', { to: folder })).rejects.toThrow('cifar10, cifar100');
    rmSync(folder, { recursive: true });
  });
});
