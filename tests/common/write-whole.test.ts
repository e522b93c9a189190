import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { writeWhole } from '../../src/common';
import { temporaryFolder } from '../helpers/temporary';

const folder = temporaryFolder();

it('puts a new file in the place of the old one, which nobody sees half written', async () => {
  const path = join(folder, 'deep', 'page.html');
  await writeWhole(path, 'first');
  const before = statSync(path).ino;
  await writeWhole(path, 'second');
  expect(readFileSync(path, 'utf8')).toBe('second');
  expect(statSync(path).ino).not.toBe(before); // another file, not the old one written over
  expect(readdirSync(join(folder, 'deep'))).toEqual(['page.html']);
});

it('leaves nothing behind where it fails', async () => {
  const path = join(folder, 'taken');
  mkdirSync(join(path, 'by a folder'), { recursive: true });
  await expect(writeWhole(path, 'text')).rejects.toThrow(/rename/);
  expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
});
