/**
 * https://github.com/safetensors/safetensors/issues/95
 *
 * Reported: values of another number than their shape has are written without a word, to a file that can't be read.
 *
 * Here: the same. Now the file that was there stays as it is.
 */
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { SafetensorsFile, writeSafetensors } from '../../src/models';
import { temporaryFolder } from '../helpers/temporary';

test('values that do not fill their shape are not written over the file that was there', () => {
  const folder = temporaryFolder();
  const path = join(folder, 'weights.safetensors');
  writeSafetensors(path, new Map([['a', { shape: [2], data: Float32Array.of(1, 2) }]]));
  const tooFew = new Map([['a', { shape: [2, 2], data: Float32Array.of(3, 4, 5) }]]);
  expect(() => writeSafetensors(path, tooFew)).toThrow("Expected 4 values in 'a', of shape [2, 2], got 3.");
  expect(new SafetensorsFile(path).get('a')?.data).toEqual(Float32Array.of(1, 2));
  expect(readdirSync(folder)).toEqual([basename(path)]);
});
