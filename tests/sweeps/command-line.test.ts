import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { loadSweep, StageDefinitionError } from '../../src/sweeps';
import { countProgress, terminalProgress } from '../../src/sweeps/terminal';
import { stillhouse } from '../helpers/command-line';
import { ablation } from './sweep-stages';
import { temporaryFolder } from '../helpers/temporary';

const SWEEP = resolve(import.meta.dirname, 'sweep-stages.ts#ablation');

afterEach(() => vi.restoreAllMocks());

test('plan, run, results: a sweep of a module, planned before and after, and its table', async () => {
  const store = ['--store', temporaryFolder()];
  expect((await stillhouse('plan', SWEEP, ...store)).text).toContain('24 distinct pieces of work, 0 in the store');
  const done = await stillhouse('run', SWEEP, ...store, '--workers', '1', '--threads', '1');
  expect(done).toMatchObject({ code: 0 });
  expect(done.text).toContain('0 found, 24 worked out');
  expect(done.text).toMatch(/runs 12\/12 · maps 8\/8/);
  expect(done.text).toMatch(/accuracy +accuracy_sd/);
  expect((await stillhouse('plan', SWEEP, ...store)).text).toContain('12 runs, 12 done');
  expect((await stillhouse('results', SWEEP, ...store)).text).toMatch(/accuracy +accuracy_sd/);
  const csv = (await stillhouse('results', SWEEP, ...store, '--csv')).text.trim().split('\n');
  expect(csv).toHaveLength(13);
  expect(csv[0]).toMatch(/^items,patch,clusters,seed,status,accuracy/);
});

test('plan: several sweeps at once, and the cost of work as a file', async () => {
  const [folder, files] = [temporaryFolder(), temporaryFolder()];
  const store = ['--store', folder];
  expect((await stillhouse('plan', SWEEP, SWEEP, ...store)).text).toMatch(
    /ablation +12 +0 +0 +24.*\nablation +12 +0 +0 +0 /,
  );
  await stillhouse('run', SWEEP, ...store, '--workers', '1');
  const costs = join(files, 'costs.json');
  expect((await stillhouse('store', 'costs', costs, ...store)).text).toMatch(/costs\.json: \d+ costs of 3 stages\.\n$/);
  expect(readFileSync(costs, 'utf8')).toContain('"stage":"pooled","fields":{".patch":"4"}');
});

test('store: ls, why, pin, gc, export and import', async () => {
  const [mine, theirs, files] = [temporaryFolder(), temporaryFolder(), temporaryFolder()];
  const file = join(files, 'ablation.stillhouse');
  await stillhouse('run', SWEEP, '--store', mine, '--workers', '1');
  const listed = (await stillhouse('store', 'ls', '--store', mine)).text;
  expect(listed).toMatch(/maps +8/);
  expect((await stillhouse('store', 'export', 'ablation', file, '--store', mine)).text).toContain('24 results');
  expect((await stillhouse('store', 'import', file, '--store', theirs)).text).toContain('Run ablation: 24 results');
  expect((await stillhouse('plan', SWEEP, '--store', theirs)).text).toContain('12 runs, 12 done');
  expect((await stillhouse('store', 'pin', 'ablation', '--store', theirs)).text).toContain('is pinned');
  const all = ['--max-bytes', '1kB', '--grace-minutes', '0', '--store', theirs];
  expect((await stillhouse('store', 'gc', ...all)).text).toContain('0 B in 0 blobs');
  await stillhouse('store', 'unpin', 'ablation', '--store', theirs);
  const dry = (await stillhouse('store', 'gc', ...all)).text;
  expect(dry).toContain('Runs forgotten: ablation');
  expect(dry).toContain('Nothing has been touched');
  expect((await stillhouse('store', 'gc', ...all, '--yes')).text).toContain('Gone: ');
  expect((await stillhouse('plan', SWEEP, '--store', theirs)).text).toContain('0 in the store, 24 to run');
  const unknown = await stillhouse('store', 'why', 'zzz', '--store', mine);
  expect(unknown).toMatchObject({ code: 1, text: expect.stringContaining('store ls') });
});

test('slurm: nothing in the queue of a store that submitted nothing, and no logs', async () => {
  const store = ['--store', temporaryFolder()];
  expect((await stillhouse('slurm', 'status', ...store)).text).toBe('Nothing in the queue.\n');
  expect((await stillhouse('slurm', 'logs', ...store)).text).toBe('Nothing was submitted from this store.\n');
  expect((await stillhouse('slurm', 'cancel', ...store)).code).toBe(0);
});

test('slurm logs: how each pack ended, the error and the end of the log of one that failed', async () => {
  const store = temporaryFolder();
  const folder = join(store, 'slurm', '2026-01-01T00-00-00.000Z-maps-abcdef12');
  mkdirSync(join(folder, 'exits'), { recursive: true });
  writeFileSync(join(folder, 'array.json'), JSON.stringify({ job: '17', packs: [['a', 'b'], ['c']] }));
  writeFileSync(join(folder, 'exits', '0-0.json'), JSON.stringify({ status: 'done' }));
  const error = { name: 'Error', message: 'no such prior', stack: '' };
  writeFileSync(join(folder, 'exits', '0-1.json'), JSON.stringify({ status: 'failed', error }));
  writeFileSync(join(folder, 'log-0.txt'), 'first\nsecond\nthird\n');
  const { text } = await stillhouse('slurm', 'logs', '--lines', '2', '--store', store);
  expect(text).toMatch(/17 +\S+ +0 +2 +1 +1 +0/);
  expect(text).toMatch(/17 +\S+ +1 +1 +0 +0 +1/);
  expect(text).toContain('no such prior');
  expect(text).toContain('  | second\n  | third\n');
  expect(text).not.toContain('first');
  expect(await stillhouse('slurm', 'logs', '18', '--store', store)).toMatchObject({ code: 1 });
});

test('the shell’s command does the same', () => {
  const cli = resolve(import.meta.dirname, '../../src/cli.mjs');
  const args = ['store', 'ls', '--store', temporaryFolder()];
  const { status, stdout } = spawnSync(process.execPath, [cli, ...args], { encoding: 'utf8' });
  expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
});

test('a sweep is found by name, or in a module; else the names are said', async () => {
  const named = { small: () => ablation({ seeds: [0] }) as never };
  expect((await loadSweep('small', named)).points).toHaveLength(6);
  expect((await loadSweep(SWEEP)).points).toHaveLength(12);
  await expect(loadSweep('smal', named)).rejects.toThrow('sweep (small) or a module that declares one, got "smal"');
  await expect(loadSweep(SWEEP.replace('#ablation', ''))).rejects.toThrow(/exports .*ablation/);
  await expect(loadSweep(SWEEP.replace('#ablation', '#maps'))).rejects.toThrow(StageDefinitionError);
});

test('progress is one line that is written over in a terminal, and a line now and then in a file', () => {
  const shown = (isTerminal: boolean) => {
    let text = '';
    let time = 0;
    const progress = terminalProgress((part) => (text += part), { isTerminal, every: 10, now: () => time });
    for (let done = 1; done <= 20; done++) {
      progress.onProgress({ label: 'maps', done, total: 20 });
      progress.onProgress({ label: 'runs', done: 0, total: 2, secondsLeft: 3 });
      time++;
    }
    progress.news('again');
    progress.onProgress({ label: 'maps', done: 20, total: 20, detail: '3 without a result' });
    progress.close();
    return text;
  };
  expect(shown(false).split('\n')).toEqual([
    'maps 1/20',
    'runs 0/2 · maps 11/20 · about 3.0 s left',
    'again',
    'runs 0/2 · maps 20/20 (3 without a result) · about 3.0 s left',
    '',
  ]);
  expect(shown(true)).toContain('\r\u001b[Kruns 0/2 · maps 11/20 · about 3.0 s left');
});

test('a count is one line with the time that is left, and ends at its total', () => {
  let text = '';
  const stream = { isTTY: true, columns: 80, write: (part: string) => (text += part) };
  const onProgress = countProgress(stream);
  onProgress({ label: 'blobs', done: 1, total: 2 });
  onProgress({ label: 'blobs', done: 2, total: 2 });
  expect(text.split('\r\u001b[K')).toEqual(['', expect.stringMatching(/^blobs 1\/2 · .+ left$/), 'blobs 2/2\n']);
});
