import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test, vi } from 'vitest';
import { folderOfImages } from './experiments/commands/folder-of-images';
import { stillhouse } from './helpers/command-line';
import { temporaryFolder } from './helpers/temporary';

const home = temporaryFolder();
const nowhere = join(home, 'none');

/** Commands that cli.mjs runs before there are packages; `run` only has their help. */
const ofTheSetUp = ['setup', 'lab', 'test', 'check'];

/** Every command, those of a group with the group before them. */
async function everyCommand(): Promise<string[]> {
  const inHelp = async (...group: string[]) => {
    const { text } = await stillhouse(...group, '--help');
    const listed = text.includes('Commands:') ? text.slice(text.indexOf('Commands:')) : '';
    const names = [...listed.matchAll(/^ {2}([a-z][a-z:-]*)/gm)].map(([, name]) => name!);
    return names.filter((name) => name !== 'help').map((name) => [...group, name]);
  };
  const found: string[] = [];
  for (const command of await inHelp()) {
    const parts = await inHelp(...command);
    found.push(...(parts.length > 0 ? parts : [command]).map((words) => words.join(' ')));
  }
  return found;
}

/** A command, arguments that it refuses, what it says (an option's refusal is followed by the help), its exit code. */
const refusals: [command: string, args: string[], sentence: RegExp, code?: number][] = [
  ['doctor', ['--fast'], /^error: unknown option '--fast'\n/],
  ['reproduce', ['table-66'], /^Expected an experiment among .*table-6.* got 'table-66'\.\n$/],
  [
    'reproduce',
    ['table-5', '--change', '{"imagesPreClass":[10]}'],
    /^Expected a setting of a scale to change \(.*imagesPerClass.*\), got 'imagesPreClass'\.\n$/,
  ],
  ['reproduce', ['table-5', '--scale', 'huge'], /^Expected a scale among mini, cifar, paper, got 'huge'\.\n$/],
  ['reproduce', ['--change', '[10]'], /^error: .*Expected settings as JSON, such as .*, got '\[10\]'\.\n/],
  ['wall', ['--fast'], /^error: unknown option '--fast'\n/],
  ['cost', ['table-66'], /^Expected an experiment among .*table-6.* got 'table-66'\.\n$/],
  ['cost', ['table-5', '--scale', 'huge'], /^Expected a scale among mini, cifar, paper, got 'huge'\.\n$/],
  ['cost', ['table-5', '--seconds-per-pass', 'abc'], /^error: .*Expected a number above 0, got 'abc'\.\n/],
  ['distil', [nowhere, '--ipc', '1', '--out', 'x'], /^Expected --prior, .* npx stillhouse train-prior .*\.\n$/],
  ['distil', [nowhere, '--ipc', '0', '--out', 'x'], /^error: .*Expected a whole number of at least 1, got '0'\.\n/],
  ['distil', [nowhere, '--patch-size', 'half'], /^error: .*Expected a whole number of at least 1, got 'half'\.\n/],
  ['train-prior', [nowhere, '--out', join(home, 'prior')], /^Expected .*none.*\n$/],
  ['train:priors', ['--only', 'none'], /^Expected a prior among still-life, cifar10, still-life-dit, got 'none'\.\n$/],
  ['train:teachers', ['--only', 'none'], /^error: unknown option '--only'\n/],
  ['download', ['mnist'], /^Expected a dataset among cifar10, cifar100, got 'mnist'\.\n$/],
  ['share', [nowhere], /^.*none.*\n$/],
  ['verify', [nowhere], /^.*none.*\n$/, 2],
  ['verify', [nowhere, '--timeout', 'soon'], /^error: .*Expected a number above 0, got 'soon'\.\n/],
  ['bench', ['kernle'], /^Expected a benchmark among kernel, jobs, curves, or none, got 'kernle'\.\n$/],
  ['plan', ['none'], /^Expected the name of a sweep \(.*\) or a module that declares one, got "none"\.\n$/],
  ['plan', ['none', '--workers', '0'], /^error: .*Expected a whole number of at least 1, got '0'\.\n/],
  ['run', ['none'], /^Expected the name of a sweep \(.*\) or a module that declares one, got "none"\.\n$/],
  ['results', ['none'], /^Expected the name of a sweep \(.*\) or a module that declares one, got "none"\.\n$/],
  ['store ls', ['--fast'], /^error: unknown option '--fast'\n/],
  ['store why', ['zzz', '--store', home], /^Expected .*zzz.*store ls.*\n$/],
  ['store gc', ['--max-bytes', 'few'], /^error: .*Expected a size such as 500MB or 20GB, got 'few'\.\n/],
  ['store costs', [], /^error: missing required argument 'file'\n/],
  ['store pin', ['none', '--store', home], /^Expected .*none.*\n$/],
  ['store unpin', ['none', '--store', home], /^Expected .*none.*\n$/],
  ['store export', ['none', join(home, 'file'), '--store', home], /^Expected .*none.*\n$/],
  ['store import', [nowhere, '--store', home], /^.*none.*\n$/],
  ['slurm status', ['--fast'], /^error: unknown option '--fast'\n/],
  ['slurm cancel', ['--fast'], /^error: unknown option '--fast'\n/],
  ['slurm logs', ['18', '--store', home], /^.*18.*\n$/],
  ['slurm logs', ['--lines', 'all'], /^error: .*Expected a whole number of at least 1, got 'all'\.\n/],
  ['ablation', ['--per-class', 'few'], /^error: .*Expected a whole number of at least 1, got 'few'\.\n/],
  ['ablation', ['--draws', '0'], /^error: .*Expected a whole number of at least 1, got '0'\.\n/],
  ['ablation', ['--workers', '1.5'], /^error: .*Expected a whole number of at least 1, got '1\.5'\.\n/],
  ['ablation', ['--scratch-classes', '-1'], /^error: .*Expected a whole number of at least 0, got '-1'\.\n/],
];

test.each(refusals)('%s %j is refused in one sentence', async (command, args, sentence, code = 1) => {
  const refused = await stillhouse(...command.split(' '), ...args);
  expect(refused.text).toMatch(sentence);
  expect(refused.code).toBe(code);
});

test('every command has a refusal above, and an example in its help', async () => {
  const commands = await everyCommand();
  expect(commands).toEqual(expect.arrayContaining([...ofTheSetUp, 'store ls', 'slurm status', 'distil']));
  const refused = refusals.map(([command]) => command);
  expect(commands.filter((command) => !refused.includes(command))).toEqual(ofTheSetUp);
  for (const command of commands) {
    const { text, code } = await stillhouse(...command.split(' '), '--help');
    expect(text).toContain(`Example:\n  npx stillhouse ${command}`);
    expect(code).toBe(0);
  }
});

test('what cli.mjs runs itself has the same help, without a set-up', async () => {
  const env = { ...process.env, STILLHOUSE_SETUP: 'never' };
  const { stdout } = await promisify(execFile)(process.execPath, ['src/cli.mjs', 'check', '--help'], { env });
  expect(stdout).toBe((await stillhouse('check', '--help')).text);
});

test('a command that there is not is refused, with the nearest one', async () => {
  const { text, code } = await stillhouse('reproduse');
  expect(text).toMatch(/^error: unknown command 'reproduse'\n\(Did you mean reproduce\?\)\n/);
  expect(code).toBe(1);
});

const sweep = 'tests/sweeps/sweep-stages.ts#ablation';
test.each([
  ['a training', async () => ['train-prior', await folderOfImages(home), '--size', '32', '--out', join(home, 'prior')]],
  ['a sweep', async () => ['run', sweep, '--store', join(home, 'store'), '--workers', '1']],
])('Ctrl-C stops %s, which says that it goes on later, and its listener goes with it', async (_, words) => {
  const listening = process.listenerCount('SIGINT');
  const work = stillhouse(...(await words()));
  await vi.waitUntil(() => process.listenerCount('SIGINT') > listening, { timeout: 30_000 });
  process.emit('SIGINT', 'SIGINT');
  const { text, code } = await work;
  expect(text).toMatch(/\nStopped\. The same command goes on from here\.\n$/);
  expect(code).toBe(130);
  expect(process.listenerCount('SIGINT')).toBe(listening);
});

/** `train:teachers`, whose work waits for the signal that stops it and then fails with this. */
async function stoppedBy(name: NodeJS.Signals, failure?: Error) {
  const trainTeachers = ({ signal }: { signal: AbortSignal }) =>
    new Promise((_, reject) => {
      signal.addEventListener('abort', () => reject(failure ?? signal.reason));
      process.emit(name, name);
    });
  vi.doMock('../src/experiments/train-teachers', () => ({ trainTeachers }));
  try {
    return await stillhouse('train:teachers');
  } finally {
    vi.doUnmock('../src/experiments/train-teachers');
  }
}

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)('%s stops work that can go on later, with code %i', async (name, code) => {
  const listening = process.listenerCount(name);
  expect(await stoppedBy(name)).toEqual({ text: '\nStopped. The same command goes on from here.\n', code });
  expect(process.listenerCount(name)).toBe(listening);
});

test('an error of saving after Ctrl-C is said, and not that the work goes on from here', async () => {
  const full = new Error('ENOSPC: no space left on device, write');
  expect(await stoppedBy('SIGINT', full)).toEqual({ text: `${full.message}\n`, code: 1 });
});

test('an error has its stack where it is asked for', async () => {
  vi.stubEnv('STILLHOUSE_VERBOSE', '1');
  await expect(stillhouse('download', 'mnist')).rejects.toThrow('Expected a dataset among');
  vi.unstubAllEnvs();
});
