import { existsSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test, vi } from 'vitest';
import { LocalExecutor, run, SlurmExecutor, stage, type BoundStage } from '../../src/sweeps';
import { z } from 'zod';
import type { Progress } from '../../src/common';
import { packed } from '../../src/sweeps/executors/slurm/array';
import { isRunning } from '../helpers/is-running';
import { talkative } from './example-stages';
import { meter } from './meter-stage';
import { temporaryStore } from './temporary-store';
import { temporaryFolder } from '../helpers/temporary';

test.each([
  [{ workers: 0 }, 'workers: Too small'],
  [{ threads: 0 }, 'threads: Too small'],
  [{ threads: 1.5 }, 'threads: Invalid input'],
  [{ memory: Number.NaN }, 'memory: Invalid input'],
])('a LocalExecutor with %o is refused: it would wait for ever', (options, reason) => {
  expect(() => new LocalExecutor(temporaryStore(), options)).toThrow(`Expected valid options of a LocalExecutor`);
  expect(() => new LocalExecutor(temporaryStore(), options)).toThrow(reason);
});

test.each([
  [{ arraySize: 0 }, 'arraySize: Too small'],
  [{ slots: 0 }, 'slots: Too small'],
  [{ poll: Number.NaN }, 'poll: Invalid input'],
])('a SlurmExecutor with %o is refused', (options, reason) => {
  expect(() => new SlurmExecutor(temporaryStore(), options)).toThrow(reason);
});

test('tasks run together within the budget of threads and memory, and never beyond it', async () => {
  const store = temporaryStore();
  const file = join(temporaryFolder(), 'meter');
  const executor = new LocalExecutor(store, { workers: 3, threads: 3, memory: 1500 });
  const targets = Array.from({ length: 6 }, (_, i) => meter.bind({ i }, { unkeyed: { file, pause: 600 } }));
  await run(targets, { store, executor });
  await executor.close();
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  let now = 0;
  const most = Math.max(...lines.map((line) => (now += line.startsWith('begin') ? 1 : -1)));
  // Each takes 1 thread and 700 MiB.
  expect(most).toBe(2);
});

test('a task that needs more than is free lets those behind it begin', async () => {
  const store = temporaryStore();
  const file = join(temporaryFolder(), 'meter');
  const executor = new LocalExecutor(store, { workers: 2, threads: 2, memory: 1500 });
  const targets = [700, 1400, 700].map((memory, i) => meter.bind({ i, memory }, { unkeyed: { file, pause: 150 } }));
  await run(targets, { store, executor });
  await executor.close();
  const begun = readFileSync(file, 'utf8').match(/(?<=begin )\d/g);
  expect(begun?.slice(0, 2).sort()).toEqual(['0', '2']);
  expect(begun?.[2]).toBe('1');
});

test.each([
  ['stops its piece', false],
  ['ends a worker that does not listen', true],
] as const)('an interrupt ends the run soon and %s; closing ends the workers', async (_, deaf) => {
  const store = temporaryStore();
  const executor = new LocalExecutor(store, { workers: 1, threads: 1 });
  const aborter = new AbortController();
  const file = join(temporaryFolder(), 'meter');
  const pause = 60_000;
  const piece = meter.bind({ i: 0 }, { unkeyed: { file, pause, deaf } });
  const running = run(piece, { store, executor, signal: aborter.signal });
  await vi.waitUntil(() => existsSync(file), { timeout: 60_000 });
  const [pid, ...others] = executor.pids;
  expect(others).toEqual([]);
  expect(isRunning(pid!)).toBe(true);
  const began = performance.now();
  aborter.abort(new Error('enough'));
  await expect(running).rejects.toThrow('enough');
  expect(performance.now() - began).toBeLessThan(pause / 2);
  if (deaf) await vi.waitUntil(() => !isRunning(pid!));
  await executor.close();
  expect(isRunning(pid!)).toBe(false);
  expect(readFileSync(file, 'utf8')).toBe('begin 0\n');
});

test('workers report a few steps of a busy piece, and always its end', async () => {
  const store = temporaryStore();
  const executor = new LocalExecutor(store, { workers: 1, threads: 1 });
  const seen: number[] = [];
  const onProgress = ({ label, done }: Progress) => void (label === 'talking' && seen.push(done));
  await run(talkative.bind({ steps: 500 }), { store, executor, onProgress });
  await executor.close();
  expect(seen.at(-1)).toBe(500);
  expect(seen.length).toBeLessThan(50);
});

test('a stage of a notebook cell is refused by worker processes, with the reason', async () => {
  const store = temporaryStore();
  const executor = new LocalExecutor(store, { workers: 1, threads: 1 });
  const cell = stage({ name: 'cell', version: 1, parameters: z.object({}), run: () => 1 });
  await expect(run(cell.bind({}), { store, executor })).rejects.toThrow(/import.meta.url.*notebook alone/);
  await executor.close();
});

test('code that was edited after it was loaded does not run under the new code’s key', async () => {
  const store = temporaryStore();
  const file = join(temporaryFolder(), 'edited.ts');
  writeFileSync(file, 'export const x = 1;');
  const old = new Date(Date.now() - 60_000);
  utimesSync(file, old, old);
  const define = () =>
    stage({
      name: 'edited',
      version: 1,
      code: pathToFileURL(file).href,
      parameters: z.object({ i: z.int() }),
      run: () => 1,
    });
  const made = define();
  expect((await run(made.bind({ i: 0 }), { store })).misses).toBe(1);
  writeFileSync(file, '// a comment\nexport const x = 1;');
  expect((await run(made.bind({ i: 1 }), { store })).misses).toBe(1);
  writeFileSync(file, 'export const x = 2222;');
  const later = new Date(Date.now() + 1000);
  utimesSync(file, later, later);
  await expect(run(made.bind({ i: 2 }) as BoundStage<number>, { store })).rejects.toThrow(
    /edited after this process loaded it. Restart/,
  );
});

test('packs: short tasks share a process, long ones are spread, the longest first', () => {
  const options = { slots: 8, shortest: 5, longest: 100 };
  const of = (...seconds: number[]) =>
    packed(seconds, (value) => value, options).map((pack) => pack.reduce((a, b) => a + b, 0));
  expect(of(...Array.from({ length: 500 }, () => 0.01))).toHaveLength(1);
  expect(of(...Array.from({ length: 500 }, () => 0.1))).toHaveLength(8);
  expect(of(...Array.from({ length: 40 }, () => 50))).toHaveLength(20);
  expect(Math.max(...of(9, 8, 7, 6, 5, 5, 5, 5, 4, 4))).toBeLessThanOrEqual(10);
  expect(packed([1, 2, 3], () => undefined, options)).toHaveLength(3);
});
