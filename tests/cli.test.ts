import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
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

/** `stillhouse …` as a process, which sets nothing up. */
const help = async (...args: string[]): Promise<string> => {
  const env = { ...process.env, STILLHOUSE_SETUP: 'never' };
  const { stdout } = await promisify(execFile)(process.execPath, ['src/cli.mjs', ...args, '--help'], { env });
  return stdout;
};
const commandsOf = (text: string): string[] =>
  [...text.slice(text.indexOf('Commands:')).matchAll(/^ {2}([a-z][a-z:-]*)/gm)]
    .map(([, name]) => name!)
    .filter((name) => name !== 'help');

test('the help of every command has an example', { timeout: 120_000 }, async () => {
  const commands = commandsOf(await help());
  expect(commands).toEqual(expect.arrayContaining(['setup', 'lab', 'test', 'check', 'store', 'slurm', 'distil']));
  for (const name of commands) {
    const text = await help(name);
    const parts = text.includes('Commands:') ? commandsOf(text) : [];
    if (parts.length === 0) expect(text, name).toContain(`Example:\n  npx stillhouse ${name}`);
    for (const part of parts) expect(await help(name, part)).toContain(`Example:\n  npx stillhouse ${name} ${part}`);
  }
});
