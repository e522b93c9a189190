import { createHash } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { SetupProblem } from '../../src/setup/problem.mjs';
import { checkHash, checkSpace, downloadState } from '../../src/setup/wheel-cache.mjs';
import { cacheName, wheelFor } from '../../src/setup/wheels.mjs';
import { temporaryFolder } from '../helpers/temporary';

let folder: string;
beforeEach(() => {
  folder = temporaryFolder();
});

describe('checkHash', () => {
  it('lets the pinned file pass', async () => {
    const file = join(folder, 'tensorflow.whl');
    writeFileSync(file, 'libraries');
    await checkHash(file, createHash('sha256').update('libraries').digest('hex'));
    expect(existsSync(file)).toBe(true);
  });

  it('refuses and removes another file, naming both hashes', async () => {
    const file = join(folder, 'tensorflow.whl');
    writeFileSync(file, 'half of libra');
    const seen = createHash('sha256').update('half of libra').digest('hex');
    await expect(checkHash(file, 'f'.repeat(64))).rejects.toThrow(`sha256 ${seen}, expected ${'f'.repeat(64)}`);
    expect(existsSync(file)).toBe(false);
  });
});

describe('checkSpace', () => {
  it('says how much is free, how much is needed, and where else it may go', () => {
    expect(() => checkSpace(folder, 1.5e9, () => 0.4e9)).toThrow(
      /has 0\.4 GB free, 1\.5 GB are needed\.\n {2}→ .*XDG_CACHE_HOME/,
    );
    expect(() => checkSpace(folder, 1.5e9, () => 0.4e9)).toThrow(SetupProblem);
    expect(() => checkSpace(folder, 1.5e9, () => 1.6e9)).not.toThrow();
  });
});

describe('downloadState', () => {
  it('turns pip’s bytes into megabytes and the time that is left', () => {
    expect(downloadState('Progress 137000000 of 274000000', 10)).toBe('137 of 274 MB, about 10 s left');
    expect(downloadState('Progress 274000000 of 274000000', 20)).toBe('274 of 274 MB');
  });

  it('estimates nothing from the first bytes, and nothing from other lines', () => {
    expect(downloadState('Progress 100 of 274000000', 1)).toBe('0 of 274 MB');
    expect(downloadState('Downloading tensorflow_cpu-2.21.0.whl (274 MB)', 1)).toBeUndefined();
  });
});

describe('wheelFor', () => {
  it('pins one wheel a platform, whatever the local Python', () => {
    expect(wheelFor('linux', 'x64')).toMatchObject({
      package: 'tensorflow-cpu',
      version: '2.21.0',
      python: '3.11',
      sha256: '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c',
    });
    expect(wheelFor('darwin', 'arm64')?.platform).toBe('macosx_12_0_arm64');
    expect(wheelFor('aix', 'ppc64')).toBeUndefined();
  });

  it('names the cache’s folder by package, version and hash', () => {
    expect(cacheName(wheelFor('linux', 'x64')!)).toBe('tensorflow_cpu-2.21.0-2b847d21');
  });
});
