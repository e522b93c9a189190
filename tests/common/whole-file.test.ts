/** Files that are there whole or not at all. */
import { mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hindranceToWriting, writeWhole } from '../../src/common';
import { temporaryFolder } from '../helpers/temporary';

const failure = (code: string): Error => Object.assign(new Error(`${code}: write`), { code });

describe('writeWhole', () => {
  it('writes text, bytes or what a function writes, into a folder that it makes', () => {
    const folder = join(temporaryFolder(), 'new', 'folder');
    writeWhole(join(folder, 'text'), 'ε');
    writeWhole(join(folder, 'bytes'), Uint8Array.of(1, 2));
    writeWhole(join(folder, 'function'), (file) => {
      writeSync(file, 'one ');
      writeSync(file, 'two');
    });
    expect(readFileSync(join(folder, 'text'), 'utf8')).toBe('ε');
    expect([...readFileSync(join(folder, 'bytes'))]).toEqual([1, 2]);
    expect(readFileSync(join(folder, 'function'), 'utf8')).toBe('one two');
    expect(readdirSync(folder)).toHaveLength(3);
  });

  it('says which file could not be written and what to do, and leaves the one that was there', () => {
    const folder = temporaryFolder();
    const path = join(folder, 'weights');
    writeWhole(path, 'before');
    const full = (file: number) => {
      writeSync(file, 'half');
      throw failure('ENOSPC');
    };
    expect(() => writeWhole(path, full)).toThrow(`Couldn't write '${path}': the disk is full. Free some space there`);
    expect(readFileSync(path, 'utf8')).toBe('before');
    expect(readdirSync(folder)).toEqual(['weights']);
  });

  it('leaves an error that is not the disk’s as it is', () => {
    const wrong = new RangeError('70000 is too large');
    const path = join(temporaryFolder(), 'weights');
    expect(() =>
      writeWhole(path, () => {
        throw wrong;
      }),
    ).toThrow(wrong);
  });

  it('removes what a killed writer of the same file left, but no part that may still be written, nor another file', () => {
    const folder = temporaryFolder();
    const old = new Date(Date.now() - 3_600_000);
    const put = (name: string, time?: Date) => {
      writeFileSync(join(folder, name), name);
      if (time) utimesSync(join(folder, name), time, time);
    };
    put('weights.12345.part', old);
    put('weights.0123456789ab.part');
    put('weights.json', old);
    put('weights.other.part', old);
    put('others.12345.part', old);
    mkdirSync(join(folder, 'weights.99.part'));
    utimesSync(join(folder, 'weights.99.part'), old, old);
    writeWhole(join(folder, 'weights'), 'whole');
    expect(readdirSync(folder).sort()).toEqual([
      'others.12345.part',
      'weights',
      'weights.0123456789ab.part',
      'weights.99.part',
      'weights.json',
      'weights.other.part',
    ]);
  });
});

describe('hindranceToWriting', () => {
  it('knows why a system refuses to write, and nothing of other errors', () => {
    for (const code of ['ENOSPC', 'EDQUOT', 'EACCES', 'EPERM', 'EROFS']) {
      expect(hindranceToWriting(failure(code))).toMatch(/\. (Free|Delete|Change|Choose) /);
    }
    for (const other of [failure('ECONNRESET'), new Error('no code'), undefined]) {
      expect(hindranceToWriting(other)).toBeUndefined();
    }
  });
});
