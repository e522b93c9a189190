import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { fingerprint, isDone, markDone } from '../../src/setup/stamp.mjs';
import { temporaryFolder } from '../helpers/temporary';

let folder: string;
beforeEach(() => {
  folder = temporaryFolder();
});

describe('fingerprint', () => {
  it('is the same for the same content, by any path', () => {
    for (const name of ['a', 'b']) writeFileSync(join(folder, name), 'numpy==2.2.6\n');
    expect(fingerprint({ file: join(folder, 'a') })).toBe(fingerprint({ file: join(folder, 'b') }));
  });

  it('changes with a file, with a text, and with the place where one ends and the next begins', () => {
    const file = join(folder, 'lock');
    const absent = fingerprint({ file }, 'linux');
    writeFileSync(file, '{}');
    const seen = [absent, fingerprint({ file }, 'linux'), fingerprint({ file }, 'darwin')];
    expect(new Set([...seen, fingerprint('ab', 'c'), fingerprint('a', 'bc')]).size).toBe(5);
  });

  it('stays what it is, so that a new version of the set-up does not start from nothing', () => {
    expect(fingerprint('stillhouse', '1')).toBe('c2903b45761e5726175235c14ddc95c62468535ea8b834226beee22f8ed5e6a4');
  });
});

describe('a stamp', () => {
  it('is done only for the value that it was made with', () => {
    const stamp = join(folder, 'deep', '.stillhouse-packages');
    expect(isDone(stamp, 'one')).toBe(false);
    markDone(stamp, 'one');
    expect(isDone(stamp, 'one')).toBe(true);
    expect(isDone(stamp, 'two')).toBe(false);
    markDone(stamp, 'two');
    expect(isDone(stamp, 'two')).toBe(true);
  });
});
