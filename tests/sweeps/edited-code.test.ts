import { execFile } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { z } from 'zod';
import {
  grid,
  InProcessExecutor,
  input,
  LocalExecutor,
  run,
  runSweep,
  SlurmExecutor,
  type Store,
  stage,
  sweep,
} from '../../src/sweeps';
import { tsxLoader } from '../../src/sweeps/executors/local';
import { newExits, type Pack, packPath } from '../../src/sweeps/executors/slurm/array';
import type { Executor } from '../../src/sweeps/run/executor';
import type { Task } from '../../src/sweeps/run/task';
import { meter } from './meter-stage';
import { temporaryFolder } from '../helpers/temporary';
import { temporaryStore } from './temporary-store';

const imported = (path: string) => JSON.stringify(new URL(`../../${path}`, import.meta.url).pathname);

/** A module on the disk whose stage adds `added` to its input, or gives `added` where it has none. */
function module(file: string, added: number, { name = 'edited' } = {}): void {
  writeFileSync(
    file,
    `import { z } from ${imported('node_modules/zod/index.js')};
     import { grid, input, stage } from ${imported('src/sweeps/index.ts')};
     import { added } from './added';
     const parameters = z.object({ i: z.int() });
     export const made = stage({ name: '${name}', version: 1, code: import.meta.url, parameters, inputs: { before: input() },
       run: (_context, { i }, { before }) => before * 0 + i + added });`,
  );
  writeFileSync(join(file, '..', 'package.json'), '{ "type": "module" }');
  writeFileSync(join(file, '..', 'added.ts'), `export const added = ${added};\n`);
}

/** The stage as this process knows it; the workers load the file. */
const define = (file: string, name = 'edited') =>
  stage({
    name,
    version: 1,
    code: pathToFileURL(file).href,
    parameters: z.object({ i: z.int() }),
    inputs: { before: input<number>() },
    run: (): number => {
      throw new Error('not here');
    },
  });

const measured = (i: number, { log, pause = 0 }: { log: string; pause?: number }) =>
  meter.bind({ i }, { unkeyed: { file: log, pause } });

function local(store: Store) {
  return new LocalExecutor(store, { workers: 1, threads: 1 });
}

test('a file that is edited during a run gives no output under the key of what it was', async () => {
  const store = temporaryStore();
  const [file, log] = [join(temporaryFolder(), 'edited.ts'), join(temporaryFolder(), 'meter')];
  module(file, 100);
  const edited = define(file);
  const early = edited.bind({ i: 1 }, { inputs: { before: measured(0, { log }) } });
  const executor = local(store);
  expect((await run(early, { store, executor })).output).toBe(101);
  await executor.close();
  // The first point is in the store, so that the stage's code has been read when the second one's input begins.
  const late = edited.bind({ i: 2 }, { inputs: { before: measured(1, { log, pause: 500 }) } });
  const { results } = await runSweep(
    sweep({
      name: 'edits',
      base: { late: false as boolean },
      axes: [grid({ late: [false, true] })],
      target: (s) => (s.late ? late : early),
    }),
    {
      store,
      onEvent: ({ type, stage: name }) => type === 'start' && name === 'meter' && module(file, 200),
    },
  );
  expect(results.rows.map(({ status }) => status)).toEqual(['done', 'failed']);
  expect(results.rows[1]!.error).toMatch(/Stage "edited".* edited after the run began. Run again/);
  expect([...store.records('edited')]).toHaveLength(1);
  // And the next run goes on, with the new code for both.
  const again = local(store);
  expect((await run([early, late], { store, executor: again })).output).toEqual([201, 202]);
  await again.close();
});

test('a worker that has loaded an edit is ended: with the file changed back, the old key gets the old code’s output', async () => {
  const store = temporaryStore();
  const [file, log] = [join(temporaryFolder(), 'edited.ts'), join(temporaryFolder(), 'meter')];
  module(file, 100);
  const bound = define(file).bind({ i: 1 }, { inputs: { before: measured(0, { log }) } });
  const executor = local(store);
  const edits = sweep({ name: 'edits', base: {}, target: () => bound });
  const { results } = await runSweep(edits, {
    store,
    executor,
    // Its key is made, and its worker has loaded nothing of it.
    onEvent: ({ type, stage: name }) => type === 'start' && name === 'edited' && module(file, 200),
  });
  expect(results.rows[0]!.error).toMatch(/edited.ts|added.ts was edited after the run began. Run again/);
  module(file, 100);
  expect((await run(bound, { store, executor })).output).toBe(101);
  await executor.close();
});

test('a member of a job array that has loaded an edit leaves the rest of its pack to another', async () => {
  const [store, folder] = [temporaryStore(), temporaryFolder()];
  const tasks: Task[] = [];
  const inProcess = new InProcessExecutor(store);
  const executor: Executor = {
    execute(task, made, hooks) {
      tasks.push(task);
      return inProcess.execute(task, made, hooks);
    },
    close: () => inProcess.close(),
  };
  const log = join(temporaryFolder(), 'meter');
  await run(
    [0, 1].map((i) => measured(i, { log })),
    { store, executor },
  );
  const edited = { [join(import.meta.dirname, 'meter-stage.ts')]: 'what it was' };
  const pack: Pack = {
    store: temporaryStore().root,
    threads: 1,
    tasks: [edited, {}].map((sources, i) => ({ task: tasks[i]!, sources })),
  };
  writeFileSync(packPath(folder, 0), JSON.stringify(pack));
  const worker = fileURLToPath(new URL('../../src/sweeps/executors/slurm/pack-worker.ts', import.meta.url));
  await promisify(execFile)(process.execPath, ['--import', tsxLoader(), worker, folder, '0']);
  expect(newExits(folder, new Set()).map(({ task, exit }) => [task, exit])).toEqual([
    [0, { status: 'failed', error: expect.objectContaining({ name: 'EditedCodeError' }) }],
    [1, { status: 'left', reason: expect.stringContaining('code that was edited') }],
  ]);
});

test('workers that serve several runs load again what was edited between two of them', async () => {
  const store = temporaryStore();
  const [folder, log] = [temporaryFolder(), join(temporaryFolder(), 'meter')];
  const files = ['one', 'other'].map((name) => join(folder, `${name}.ts`));
  const inputs = { before: measured(0, { log }) };
  for (const [k, name] of ['one', 'other'].entries()) module(files[k]!, 100, { name });
  const [one, other] = [define(files[0]!, 'one'), define(files[1]!, 'other')];
  const executor = local(store);
  expect((await run(one.bind({ i: 1 }, { inputs }), { store, executor })).output).toBe(101);
  // A file that both stages share.
  writeFileSync(join(folder, 'added.ts'), 'export const added = 200;\n');
  expect((await run(one.bind({ i: 2 }, { inputs }), { store, executor })).output).toBe(202);
  writeFileSync(join(folder, 'added.ts'), 'export const added = 300;\n');
  expect((await run(other.bind({ i: 3 }, { inputs }), { store, executor })).output).toBe(303);
  const [pid] = executor.pids;
  expect((await run(other.bind({ i: 4 }, { inputs }), { store, executor })).output).toBe(304);
  expect(executor.pids).toEqual([pid]);
  await executor.close();
  expect(readFileSync(log, 'utf8')).toContain('begin 0');
});

test('nothing is submitted to Slurm of a stage whose code is another than its key says', async () => {
  const store = temporaryStore();
  const slurm = new SlurmExecutor(store, { gather: 1, poll: 20 });
  const executor: Executor = {
    // As after an edit: the key was made of what the files were.
    execute: (task, made, hooks) =>
      slurm.execute({ ...task, material: { ...task.material, code: '0'.repeat(64) } }, made, hooks),
    close: () => slurm.close(),
  };
  const bound = measured(0, { log: join(temporaryFolder(), 'meter') });
  await expect(run(bound, { store, executor })).rejects.toThrow('its code was edited after the run began');
  await executor.close();
  expect(existsSync(join(store.root, 'slurm'))).toBe(false);
});
