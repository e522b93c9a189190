/** Content hashes of files, kept on disk. */
import { createHash } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hashFiles } from '../../src/datasets/file-index';
import { temporaryFolder } from '../helpers/temporary';

describe('hashFiles', () => {
  const folder = temporaryFolder();
  const path = join(folder, 'a.png');
  writeFileSync(path, 'a');
  const wanted = createHash('sha256').update('a').digest('hex').slice(0, 32);
  const unwritable = join(path, 'below-a-file.json');

  it('keeps the hashes in the index', async () => {
    const indexPath = join(folder, 'cache', 'index.json');
    expect(await hashFiles([path], { label: 'Reading', indexPath })).toEqual([wanted]);
    expect(existsSync(indexPath)).toBe(true);
  });

  it('gives them also where the index can’t be written', async () => {
    expect(await hashFiles([path], { label: 'Reading', indexPath: unwritable })).toEqual([wanted]);
  });

  it('fails for a missing file by its name, whether or not the index can be written', async () => {
    const missing = join(folder, 'b.png');
    await expect(hashFiles([path, missing], { label: 'Reading', indexPath: unwritable })).rejects.toThrow(
      /ENOENT.*b\.png/,
    );
  });
});
