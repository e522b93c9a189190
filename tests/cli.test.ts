import { expect, test } from 'vitest';
import { stillhouse } from './helpers/command-line';

test.each([
  ['a table that there is not', ['table-66'], /^Expected an experiment among .*table-6.* got 'table-66'\.\n$/],
  [
    'a setting that no scale has',
    ['table-5', '--change', '{"imagesPreClass":[10]}'],
    /^Expected a setting of a scale to change \(.*imagesPerClass.*\), got 'imagesPreClass'\.\n$/,
  ],
])('reproduce refuses %s in one sentence, before anything runs', async (_, args, sentence) => {
  const { text, code } = await stillhouse('reproduce', ...args);
  expect(text).toMatch(sentence);
  expect(code).toBe(1);
});
