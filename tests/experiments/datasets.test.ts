import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it, vi } from 'vitest';
import { localCifar10 } from '../../src/datasets';
import { datasetSchema, describeFolder, openDataset } from '../../src/experiments';
import { download } from '../../src/experiments/download';
import { temporaryFolder } from '../helpers/temporary';

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

  it('opens a folder of images by what it holds, wherever it lies', async () => {
    const folder = temporaryFolder();
    vi.stubEnv('XDG_CACHE_HOME', folder);
    for (const name of ['pear', 'fig']) {
      mkdirSync(join(folder, 'fruit', 'train', name), { recursive: true });
      const create = { width: 20, height: 12, channels: 3, background: name === 'pear' ? 'green' : 'purple' } as const;
      await sharp({ create })
        .png()
        .toFile(join(folder, 'fruit', 'train', name, '1.png'));
    }
    const described = await describeFolder({ folder: join(folder, 'fruit'), split: 'train', size: 8 });
    mkdirSync(join(folder, 'elsewhere'));
    renameSync(join(folder, 'fruit'), join(folder, 'elsewhere', 'fruit'));
    expect(await describeFolder({ folder: join(folder, 'elsewhere', 'fruit'), split: 'train', size: 8 })).toEqual(
      described,
    );
    expect(JSON.stringify(described)).not.toContain(folder);
    const opened = openDataset(described);
    expect(opened).toMatchObject({ classes: ['fig', 'pear'], size: 8 });
    expect([...(await opened.image(1)).data.subarray(0, 3)]).toEqual([0, 128, 0]);
    const unknown = { kind: 'folder', name: 'fruit', fingerprint: '0'.repeat(32) } as const;
    expect(() => openDataset(unknown)).toThrow(/'fruit'.*describeFolder/);
    vi.unstubAllEnvs();
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
