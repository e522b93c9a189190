/** What a shared file system does to a run, without a Slurm: its commands are played by two lines of shell. */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { InProcessExecutor, run, SlurmExecutor } from '../../../src/sweeps';
import { maps } from '../sweep-stages';
import { temporaryFolder, temporaryStore } from '../temporary-store';

const path = process.env.PATH;
afterEach(() => {
  process.env.PATH = path;
});

/** `sbatch` gives the job number 7; `squeue` shows it running. */
function playSlurm(): void {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'sbatch'), '#!/bin/sh\ncat > /dev/null\necho 7\n');
  writeFileSync(join(folder, 'squeue'), "#!/bin/sh\necho '7|0|RUNNING|None|n1'\n");
  for (const name of ['sbatch', 'squeue']) chmodSync(join(folder, name), 0o755);
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
