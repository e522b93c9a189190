/**
 * https://github.com/safetensors/safetensors/issues/414, https://github.com/microsoft/OmniParser/issues/34
 *
 * Reported: a model that was cloned without Git LFS, or downloaded in another format, is refused because its header is too
 * large, which nobody understands.
 *
 * Here: the same.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SafetensorsFile } from '../../src/models';
import { temporaryFolder } from '../helpers/temporary';

const path = join(temporaryFolder(), 'model.safetensors');
const refused = (content: string): string => {
  writeFileSync(path, Buffer.from(content, 'latin1'));
  try {
    return `opened with ${[...new SafetensorsFile(path).keys()].length} tensors`;
  } catch (error) {
    return (error as Error).message;
  }
};

test.each([
  ['a Git LFS pointer', 'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n', 'git lfs pull'],
  ['a zip archive', 'PK\x03\x04\x00\x00\x08\x08\x00\x00', "'.bin' or '.pth'"],
  ['a pickle', '\x80\x02}q\x00(X\x01\x00\x00\x00aq\x01K', "'.bin' or '.pth'"],
  ['a web page', '<!DOCTYPE html>\n<html><body>Log in</body></html>', 'page to log in'],
])('%s under the name of a safetensors file is called what it is', (what, content, remedy) => {
  expect(refused(content)).toMatch(new RegExp(`got ${what}.* in safetensors file '.*'`));
  expect(refused(content)).toContain(remedy);
});

test('a header whose length begins like another file is read as a header', () => {
  // 0x4B50 bytes, little-endian: the first two letters of a zip archive.
  const header = '{}'.padEnd(0x4b50, ' ');
  expect(refused(`PK\0\0\0\0\0\0${header}`)).toBe('opened with 0 tensors');
});
