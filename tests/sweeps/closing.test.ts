import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { grid, InProcessExecutor, LocalExecutor, run, runSweep, sweep } from '../../src/sweeps';
import { meter } from './meter-stage';
import { temporaryFolder } from '../helpers/temporary';
import { temporaryStore } from './temporary-store';

const { execPath } = process;
afterEach(() => {
  process.execPath = execPath;
});

const begun = (file: string) => (existsSync(file) ? readFileSync(file, 'utf8').split('begin').length - 1 : 0);

test('a run whose listener throws begins nothing more, and its workers end', async () => {
  const [store, file] = [temporaryStore(), join(temporaryFolder(), 'meter')];
  const executor = new LocalExecutor(store, { workers: 1, threads: 1 });
  const many = sweep({
    name: 'many',
    base: { i: 0 },
    axes: [grid({ i: [0, 1, 2, 3, 4, 5] })],
    target: ({ i }) => meter.bind({ i }, { unkeyed: { file, pause: 100 } }),
  });
  let calls = 0;
  const onResults = () => {
    calls++;
    throw new Error('no such chart');
  };
  await expect(runSweep(many, { store, onResults })).rejects.toThrow('no such chart');
  const before = begun(file);
  await wait(1500);
  expect(begun(file)).toBe(before);
  expect(calls).toBe(1);
  // One that is the caller's own is left open, and at rest.
  await expect(runSweep({ ...many, points: many.points.slice(2) }, { store, executor, onResults })).rejects.toThrow(
    'no such chart',
  );
  // Its one worker comes to this when it has done what it had begun, the next piece at most.
  await run(meter.bind({ i: 99 }, { unkeyed: { file, pause: 0 } }), { store, executor });
  const then = begun(file);
  expect(then - before).toBeLessThanOrEqual(3);
  await wait(500);
  expect(begun(file)).toBe(then);
  await executor.close();
});

test('a listener that throws is not called for what ended in the same turn', async () => {
  const [store, file] = [temporaryStore(), join(temporaryFolder(), 'meter')];
  const alike = sweep({
    name: 'alike',
    base: { i: 0 },
    axes: [grid({ i: [0, 1, 2] })],
    target: () => meter.bind({ i: 0 }, { unkeyed: { file, pause: 0 } }),
  });
  let calls = 0;
  const onResults = () => {
    calls++;
    throw new Error('no such chart');
  };
  const executor = new InProcessExecutor(store);
  await expect(runSweep(alike, { store, executor, onResults })).rejects.toThrow('no such chart');
  expect(calls).toBe(1);
});

test('a closed executor starts no worker again: what waits and what comes is refused', async () => {
  const [store, file] = [temporaryStore(), join(temporaryFolder(), 'meter')];
  const executor = new LocalExecutor(store, { workers: 1, threads: 1 });
  const targets = [0, 1, 2].map((i) => meter.bind({ i }, { unkeyed: { file, pause: 60_000 } }));
  const running = run(targets, { store, executor });
  running.catch(() => undefined);
  while (begun(file) === 0) await wait(50);
  await executor.close();
  await expect(running).rejects.toThrow('executor was closed');
  await expect(run(targets[0]!, { store, executor })).rejects.toThrow('executor was closed');
  expect(executor.pids).toEqual([]);
  expect(begun(file)).toBe(1);
});

test('a worker that cannot be started fails its task, with the reason', async () => {
  const [store, file] = [temporaryStore(), join(temporaryFolder(), 'meter')];
  const executor = new LocalExecutor(store, { workers: 1, threads: 1 });
  process.execPath = join(temporaryFolder(), 'no-such-node');
  const failing = run(meter.bind({ i: 0 }, { unkeyed: { file, pause: 0 } }), { store, executor });
  await expect(failing).rejects.toThrow(/stage "meter" could not be started: .*ENOENT/);
  process.execPath = execPath;
  expect((await run(meter.bind({ i: 0 }, { unkeyed: { file, pause: 0 } }), { store, executor })).output).toBe(0);
  await executor.close();
});
