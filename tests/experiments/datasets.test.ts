import { mkdirSync, renameSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it, vi } from 'vitest';
import { localCifar10 } from '../../src/datasets';
import { type DatasetDescription, datasetSchema, describeFolder, openDataset } from '../../src/experiments';
import { download } from '../../src/experiments/download';
import { temporaryFolder } from '../helpers/temporary';

describe('openDataset', () => {
  it('gives the same dataset for the same description, with its defaults filled in', () => {
    const world = openDataset({ kind: 'still-life', split: 'train', perClass: 3 });
    expect(openDataset({ kind: 'still-life', split: 'train', perClass: 3, size: 64, seed: 0 })).toBe(world);
    expect(world.labels).toHaveLength(30);
  });

  it.skipIf(!localCifar10())(
    'takes a random pool of each class of CIFAR-10 (needs it on this machine: npx stillhouse download cifar10)',
    () => {
      const photos = openDataset({ kind: 'cifar10', split: 'train', perClass: 4 });
      expect([...photos.labels].sort()).toEqual(Array.from({ length: 40 }, (_, i) => Math.floor(i / 4)));
    },
  );

  it('opens CIFAR-100, and says where it looked when it is not here', () => {
    const folder = temporaryFolder();
    vi.stubEnv('XDG_CACHE_HOME', folder);
    vi.stubEnv('STILLHOUSE_DATA', folder);
    const cifar100 = { kind: 'cifar100', split: 'test', perClass: 2 } as const;
    expect(() => openDataset(cifar100)).toThrow(/CIFAR-100's binary files in one of .*download cifar100/);
    const records = new Uint8Array(10_000 * 3074);
    for (let k = 0; k < 10_000; k++) records[k * 3074 + 1] = k % 100;
    writeFileSync(join(folder, 'test.bin'), records);
    writeFileSync(join(folder, 'train.bin'), '');
    truncateSync(join(folder, 'train.bin'), 50_000 * 3074); // of the right length is all that is asked
    const opened = openDataset(cifar100);
    expect(opened.classes.slice(0, 2)).toEqual(['apple', 'aquarium fish']);
    expect([...opened.labels].sort((a, b) => a - b)).toEqual(Array.from({ length: 200 }, (_, k) => k >> 1));
    expect(openDataset({ ...cifar100, poolSeed: 0 })).toBe(opened);
    vi.unstubAllEnvs();
  });

  it('refuses fields that a description does not have, as a folder, which would be in the key, or a misspelt one', () => {
    const cifar10 = { kind: 'cifar10', split: 'test' } as const;
    expect(() => datasetSchema.parse({ ...cifar10, folder: 'somewhere' })).toThrow('folder');
    expect(() => openDataset({ ...cifar10, perClas: 5 } as DatasetDescription)).toThrow('perClas');
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
    const folder = temporaryFolder();
    await expect(download('cifar', { to: folder })).rejects.toThrow('cifar10, cifar100');
  });
});
