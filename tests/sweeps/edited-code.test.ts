import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { grid, input, LocalExecutor, run, runSweep, SlurmExecutor, type Store, stage, sweep } from '../../src/sweeps';
import type { Executor } from '../../src/sweeps/run/executor';
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
