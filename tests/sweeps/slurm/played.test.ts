/** What needs no Slurm to be seen: its commands are played by a line of shell each. */
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  InProcessExecutor,
  run,
  runSweep,
  SlurmExecutor,
  slurmCancelCommand,
  slurmLogsCommand,
  slurmStatusCommand,
  type Store,
} from '../../../src/sweeps';
import { slurm, SlurmError } from '../../../src/sweeps/executors/slurm/commands';
import { arrayLogs } from '../../../src/sweeps/executors/slurm/logs';
import { ablation, maps } from '../sweep-stages';
import { temporaryStore } from '../temporary-store';
import { temporaryFolder } from '../../helpers/temporary';

const path = process.env.PATH;
afterEach(() => {
  process.env.PATH = path;
});

/** `sbatch` gives the job number 7; `squeue` shows it in a state until `scancel`. */
function playSlurm(state = 'RUNNING|None|n1'): void {
  const folder = temporaryFolder();
  const cancelled = join(folder, 'is-cancelled');
  writeFileSync(join(folder, 'sbatch'), '#!/bin/sh\ncat > /dev/null\necho 7\n');
  writeFileSync(join(folder, 'squeue'), `#!/bin/sh\ntest -e ${cancelled} || echo '7|0|${state}'\n`);
  writeFileSync(join(folder, 'scancel'), `#!/bin/sh\ntouch ${cancelled}\n`);
  for (const name of ['sbatch', 'squeue', 'scancel']) chmodSync(join(folder, name), 0o755);
  process.env.PATH = `${folder}:${path}`;
}

/** The one array that a run has submitted. */
const arrayOf = (store: Store) =>
  vi.waitUntil(
    async () => {
      const folder = join(store.root, 'slurm', (await readdir(join(store.root, 'slurm')).catch(() => []))[0] ?? '');
      return existsSync(join(folder, 'array.json')) && folder;
    },
    { timeout: 60_000 },
  ) as Promise<string>;

test('a command that takes too long is one that an overloaded controller didn’t answer: it may later', async () => {
  const error = await slurm('sleep', ['600'], { seconds: 0.2 }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(SlurmError);
  expect(error).toMatchObject({ message: '`sleep 600` failed: timed out after 0.2 s', isUnreachable: true });
});

test('a task that has ended counts as done when its records are seen, which may be later', async () => {
  playSlurm();
  const [store, elsewhere] = [temporaryStore(), temporaryStore()];
  const bound = maps.bind({ seed: 0 }, { items: [1], unkeyed: { pause: 0 } });
  await run(bound, { store: elsewhere, executor: new InProcessExecutor(elsewhere) });
  const [record] = [...elsewhere.records('maps')];
  const executor = new SlurmExecutor(store, { gather: 10, poll: 50 });
  const running = run(bound, { store, executor });
  const root = join(store.root, 'slurm');
  const array = await vi.waitUntil(async () => (await readdir(root).catch(() => []))[0], { timeout: 60_000 });
  mkdirSync(join(root, array, 'exits'), { recursive: true });
  writeFileSync(join(root, array, 'exits', '0-0.json'), JSON.stringify({ status: 'done' }));
  await new Promise((done) => setTimeout(done, 500));
  for (const { hash } of record!.blobs) await store.put(await elsewhere.read(hash));
  await store.file(record!);
  const { output, misses } = await running;
  await executor.close();
  expect(output[0]).toHaveLength(4000);
  expect(misses).toBe(1);
  // It was submitted once.
  expect(await readdir(root)).toHaveLength(1);
});

test('`slurm cancel` from another terminal ends the run that waits: nothing is submitted again, and nothing counts as failed work', async () => {
  playSlurm();
  const store = temporaryStore();
  const executor = new SlurmExecutor(store, { gather: 10, poll: 50 });
  const running = runSweep(ablation({ seeds: [0] }), { store, executor });
  await vi.waitUntil(async () => (await executor.status()).length > 0, { timeout: 60_000 });
  await slurmCancelCommand({ store: store.root, write: () => undefined });
  const { results, retries } = await running;
  await executor.close();
  expect(results.rows.map(({ status, error }) => [status, error])).toEqual(Array(6).fill(['missing', undefined]));
  expect(retries).toBe(0);
  expect(await readdir(join(store.root, 'slurm'))).toHaveLength(1);
});

test('a task that Slurm holds since its node could not start it is submitted anew', async () => {
  playSlurm('PENDING|launch failed requeued held|');
  const store = temporaryStore();
  const bound = maps.bind({ seed: 0 }, { items: [1], unkeyed: { pause: 0 } });
  const executor = new SlurmExecutor(store, { gather: 10, poll: 200 });
  const running = run(bound, { store, executor });
  const root = join(store.root, 'slurm');
  const [, second] = await vi.waitUntil(
    async () => {
      const found = (await readdir(root).catch(() => [])).sort();
      return found.length === 2 && found;
    },
    { timeout: 60_000 },
  );
  await run(bound, { store, executor: new InProcessExecutor(store) });
  mkdirSync(join(root, second!, 'exits'), { recursive: true });
  writeFileSync(join(root, second!, 'exits', '0-0.json'), JSON.stringify({ status: 'done' }));
  expect((await running).output).toHaveLength(1);
  await executor.close();
});

test('a closed executor submits nothing again: what waits and what comes is refused', async () => {
  playSlurm();
  const store = temporaryStore();
  const of = (seed: number) => maps.bind({ seed }, { items: [1], unkeyed: { pause: 0 } });
  const executor = new SlurmExecutor(store, { gather: 10, poll: 50 });
  const inQueue = run(of(0), { store, executor });
  inQueue.catch(() => undefined);
  await arrayOf(store);
  await executor.close();
  await expect(inQueue).rejects.toThrow('executor was closed');
  await expect(run(of(1), { store, executor })).rejects.toThrow('executor was closed');

  const slow = new SlurmExecutor(store, { gather: 1e9, poll: 50 });
  const gathered = run(of(2), { store, executor: slow });
  gathered.catch(() => undefined);
  await new Promise((done) => setTimeout(done, 300));
  await slow.close();
  await expect(gathered).rejects.toThrow('executor was closed');
  expect(await readdir(join(store.root, 'slurm'))).toHaveLength(1);
});

describe('an interrupt', () => {
  /** `sbatch` takes as long as the test likes: it waits for a file. */
  function playSlowSbatch(): { folder: string; let(): void; isAsked(): boolean; cancelled(): string } {
    playSlurm();
    const folder = process.env.PATH!.split(':')[0]!;
    writeFileSync(
      join(folder, 'sbatch'),
      `#!/bin/sh\ncat > /dev/null\ntouch ${folder}/asked\nwhile ! test -e ${folder}/go; do sleep 0.05; done\necho 7\n`,
    );
    writeFileSync(join(folder, 'scancel'), `#!/bin/sh\necho "$@" >> ${folder}/scancelled\n`);
    return {
      folder,
      let: () => writeFileSync(join(folder, 'go'), ''),
      isAsked: () => existsSync(join(folder, 'asked')),
      cancelled: () => (existsSync(join(folder, 'scancelled')) ? readFileSync(join(folder, 'scancelled'), 'utf8') : ''),
    };
  }

  test('that comes while a job is being submitted ends the run, and cancels the job once it has a number', async () => {
    const slurm = playSlowSbatch();
    const store = temporaryStore();
    const executor = new SlurmExecutor(store, { gather: 10, poll: 50 });
    const aborter = new AbortController();
    const bound = maps.bind({ seed: 0 }, { items: [1], unkeyed: { pause: 0 } });
    const running = run(bound, { store, executor, signal: aborter.signal });
    await vi.waitUntil(slurm.isAsked, { timeout: 60_000 });
    aborter.abort(new Error('enough'));
    await expect(running).rejects.toThrow('enough');
    slurm.let();
    await vi.waitUntil(() => /\b7\b/.test(slurm.cancelled()), { timeout: 60_000 });
    await executor.close();
  });

  test('from `slurm cancel` does so too', async () => {
    const slurm = playSlowSbatch();
    const store = temporaryStore();
    const executor = new SlurmExecutor(store, { gather: 10, poll: 50 });
    const running = run(maps.bind({ seed: 0 }, { items: [1], unkeyed: { pause: 0 } }), { store, executor });
    await vi.waitUntil(slurm.isAsked, { timeout: 60_000 });
    await slurmCancelCommand({ store: store.root, write: () => undefined });
    await expect(running).rejects.toThrow('Cancelled by `slurm cancel`');
    slurm.let();
    await vi.waitUntil(() => /\b7\b/.test(slurm.cancelled()), { timeout: 60_000 });
    await executor.close();
  });

  test('ends the wait for a controller that is down', async () => {
    const { folder } = playSlowSbatch();
    writeFileSync(
      join(folder, 'sbatch'),
      `#!/bin/sh\necho x >> ${folder}/tries\necho 'Unable to contact slurm controller' >&2\necho x >> ${folder}/ends\nexit 1\n`,
    );
    const lines = (name: string) =>
      existsSync(join(folder, name)) ? readFileSync(join(folder, name), 'utf8').length / 2 : 0;
    const tries = () => lines('tries');
    const store = temporaryStore();
    const executor = new SlurmExecutor(store, { gather: 10, poll: 50 });
    const aborter = new AbortController();
    const bound = maps.bind({ seed: 0 }, { items: [1], unkeyed: { pause: 0 } });
    const running = run(bound, { store, executor, signal: aborter.signal });
    await vi.waitUntil(() => tries() > 1, { timeout: 60_000 });
    aborter.abort(new Error('enough'));
    await expect(running).rejects.toThrow('enough');
    // One may be under way.
    await vi.waitUntil(() => lines('ends') === tries(), { timeout: 60_000 });
    const before = tries();
    await new Promise((done) => setTimeout(done, 300));
    expect(tries()).toBe(before);
    await executor.close();
  });
});

describe('a queue that cannot be read', () => {
  const bound = maps.bind({ seed: 0 }, { items: [1], unkeyed: { pause: 0 } });

  /** `squeue` says only this, and fails. */
  function playBrokenQueue(said: string): void {
    playSlurm();
    const folder = process.env.PATH!.split(':')[0]!;
    writeFileSync(join(folder, 'squeue'), `#!/bin/sh\necho '${said}' >&2\nexit 1\n`);
  }

  test('for longer than a run is patient ends it, with the reason and the remedy', async () => {
    playBrokenQueue('slurm_load_jobs error: Unable to contact slurm controller');
    const store = temporaryStore();
    const executor = new SlurmExecutor(store, { gather: 10, poll: 50, patience: 0.5 });
    await expect(run(bound, { store, executor })).rejects.toThrow(/Unable to contact.*\n.*run again to wait for it/);
    await executor.close();
  });

  test('for a reason that no patience mends ends it at once', async () => {
    playBrokenQueue('squeue: error: Invalid user');
    const store = temporaryStore();
    const executor = new SlurmExecutor(store, { gather: 10, poll: 50 });
    await expect(run(bound, { store, executor })).rejects.toThrow('Invalid user');
    await executor.close();
  });

  test('holds up no task that has ended', async () => {
    playBrokenQueue('Unable to contact slurm controller');
    const store = temporaryStore();
    const executor = new SlurmExecutor(store, { gather: 10, poll: 50 });
    const running = run(bound, { store, executor });
    const exits = join(await arrayOf(store), 'exits');
    await run(bound, { store, executor: new InProcessExecutor(store) });
    mkdirSync(exits);
    writeFileSync(join(exits, '0-0.json'), JSON.stringify({ status: 'done' }));
    expect((await running).output).toHaveLength(1);
    await executor.close();
  });
});

describe('a file on the shared disk that is empty or cannot be read', () => {
  const bound = maps.bind({ seed: 0 }, { items: [1], unkeyed: { pause: 0 } });

  test('is passed over by the commands: an array’s own, and the ends of its tasks', async () => {
    playSlurm();
    const store = temporaryStore();
    for (const name of ['2020-empty', '2021-folder', '2022-whole'])
      mkdirSync(join(store.root, 'slurm', name, 'exits'), { recursive: true });
    writeFileSync(join(store.root, 'slurm/2020-empty/array.json'), '');
    mkdirSync(join(store.root, 'slurm/2021-folder/array.json'));
    writeFileSync(join(store.root, 'slurm/2022-whole/array.json'), JSON.stringify({ job: '7', packs: [['a', 'b']] }));
    writeFileSync(join(store.root, 'slurm/2022-whole/exits/0-0.json'), JSON.stringify({ status: 'done' }));
    writeFileSync(join(store.root, 'slurm/2022-whole/exits/0-1.json'), '');
    expect(arrayLogs(store)).toMatchObject([{ job: '7', done: 1, open: 1 }]);
    let text = '';
    const options = { store: store.root, write: (part: string) => (text += part) };
    expect(await slurmStatusCommand(options)).toBe(0);
    expect(await slurmLogsCommand(options)).toBe(0);
    expect(await slurmCancelCommand(options)).toBe(0);
    expect(text).toContain('RUNNING');
  });

  test('is read again by a run that waits for it', async () => {
    playSlurm();
    const store = temporaryStore();
    const executor = new SlurmExecutor(store, { gather: 10, poll: 50 });
    const running = run(bound, { store, executor });
    const exits = join(await arrayOf(store), 'exits');
    mkdirSync(exits);
    writeFileSync(join(exits, '0-0.json'), '');
    await run(bound, { store, executor: new InProcessExecutor(store) });
    await new Promise((done) => setTimeout(done, 300));
    writeFileSync(join(exits, '0-0.json'), JSON.stringify({ status: 'done' }));
    expect((await running).output).toHaveLength(1);
    await executor.close();
  });

  test('for longer than a run is patient fails its tasks, with the reason', async () => {
    playSlurm();
    const store = temporaryStore();
    const executor = new SlurmExecutor(store, { gather: 10, poll: 50, patience: 0.5 });
    const running = run(bound, { store, executor });
    // A folder that isn't one stands for a disk that's gone.
    writeFileSync(join(await arrayOf(store), 'exits'), '');
    await expect(running).rejects.toThrow('ENOTDIR');
    await executor.close();
  });
});
