import { afterEach, expect, test, vi } from 'vitest';
import { run } from '../src/cli.ts';

afterEach(() => vi.restoreAllMocks());

/** What `stillhouse …` wrote to standard error in this process, and its exit code. */
async function refused(...args: string[]): Promise<{ text: string; code: number }> {
  let text = '';
  vi.spyOn(process.stderr, 'write').mockImplementation(((part: string) => {
    text += part;
    return true;
  }) as typeof process.stderr.write);
  const before = process.exitCode;
  process.exitCode = 0;
  try {
    await run(['node', 'stillhouse', ...args]);
    return { text, code: Number(process.exitCode) };
  } finally {
    process.exitCode = before;
  }
}

test.each([
  ['a table that there is not', ['table-66'], /^Expected an experiment among .*table-6.* got 'table-66'\.\n$/],
  [
    'a setting that no scale has',
    ['table-5', '--change', '{"imagesPreClass":[10]}'],
    /^Expected a setting of a scale to change \(.*imagesPerClass.*\), got 'imagesPreClass'\.\n$/,
  ],
])('reproduce refuses %s in one sentence, before anything runs', async (_, args, sentence) => {
  const { text, code } = await refused('reproduce', ...args);
  expect(text).toMatch(sentence);
  expect(code).toBe(1);
});
