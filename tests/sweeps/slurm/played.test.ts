/** What needs no Slurm to be seen: its commands are played by a line of shell each. */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { InProcessExecutor, run, runSweep, SlurmExecutor, slurmCancelCommand } from '../../../src/sweeps';
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

test('a task that has ended counts as done when its records are seen, which may be later', async () => {
  playSlurm();
  const [store, elsewhere] = [temporaryStore(), temporaryStore()];
  const bound = maps.bind({ seed: 0 }, { items: [1], unkeyed: { pause: 0 } });
  await run(bound, { store: elsewhere, executor: new InProcessExecutor(elsewhere) });
  const [record] = [...elsewhere.records('maps')];
  const executor = new SlurmExecutor(store, { gather: 10, poll: 50 });
  const running = run(bound, { store, executor });
  const root = join(store.root, 'slurm');
  const array = await vi.waitUntil(async () => (await readdir(root).catch(() => []))[0], { timeout: 10_000 });
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
  await vi.waitUntil(async () => (await executor.status()).length > 0, { timeout: 10_000 });
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
    { timeout: 30_000 },
  );
  await run(bound, { store, executor: new InProcessExecutor(store) });
  mkdirSync(join(root, second!, 'exits'), { recursive: true });
  writeFileSync(join(root, second!, 'exits', '0-0.json'), JSON.stringify({ status: 'done' }));
  expect((await running).output).toHaveLength(1);
  await executor.close();
});
