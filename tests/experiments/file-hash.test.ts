/** Hashes of weights: of the content, remembered until the file changes. */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fileHash, rememberedHash } from '../../src/experiments/file-hash';
import { temporaryFolder } from '../helpers/temporary';

const folder = temporaryFolder();
const fileOf = (name: string, content: string | Uint8Array): string => {
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
};

describe('fileHash', () => {
  it('is SHA-256 of the bytes, also of a file larger than the piece that is read at once', () => {
    const bytes = new Uint8Array((1 << 20) + 17).fill(7);
    const wanted = createHash('sha256').update(bytes).digest('hex');
    expect(fileHash(fileOf('large', bytes))).toBe(wanted);
  });

  it('follows a change of the file', () => {
    const before = fileHash(fileOf('changing', 'a'));
    expect(fileHash(fileOf('changing', 'bc'))).not.toBe(before);
  });

  it('says which file is missing', () => {
    expect(() => fileHash(join(folder, 'nowhere'))).toThrow(/ENOENT.*nowhere/);
  });
});

describe('rememberedHash', () => {
  it('computes a hash once for each kind and state of the files', () => {
    const file = fileOf('weights', 'a');
    let computed = 0;
    const hash = (kind: string) => rememberedHash(kind, [file], () => String(++computed));
    expect([hash('one'), hash('one'), hash('other')]).toEqual(['1', '1', '2']);
    fileOf('weights', 'longer');
    expect(hash('one')).toBe('3');
  });
});
