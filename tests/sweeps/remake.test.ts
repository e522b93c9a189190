import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { input, InProcessExecutor, LocalExecutor, run, runSweep, stage } from '../../src/sweeps';
import type { RunEvent } from '../../src/sweeps/run/scheduler';
import { calls, numbers, parity } from './example-stages';
import { ablation } from './sweep-stages';
import { temporaryStore } from './temporary-store';

beforeEach(() => {
  calls.length = 0;
});

/** Takes numbers; several of them find the same damage. */
const head = stage({
  name: 'head',
  version: 1,
  parameters: z.object({ n: z.number() }),
  inputs: { of: input<{ data: Float32Array }>() },
  run: (_, { n }, { of }) => [...of.data.slice(0, n)],
});
const after = stage({
  name: 'after',
  version: 1,
  parameters: z.object({ n: z.number() }),
  inputs: { of: input<number>() },
  run: (_, { n }, { of }) => n + of,
});

test('a damaged input is made again once, however many stages take it', async () => {
  const store = temporaryStore();
  const long = numbers.bind({ count: 5000 });
  await run(long, { store });
  const [record] = [...store.records('numbers')];
  const blob = store.blobPath(record!.blobs[0]!.hash);
  chmodSync(blob, 0o644);
  writeFileSync(blob, Buffer.alloc(20_000, 7));
  const heads = [1, 2, 3, 4].map((n) => head.bind({ n }, { inputs: { of: long } }));
  const { output, stages } = await run(heads, { store });
  expect(output.map((values) => values.length)).toEqual([1, 2, 3, 4]);
  expect(calls).toEqual(['numbers', 'numbers']);
  expect(stages.find((report) => report.stage === 'numbers')!.remade).toHaveLength(1);
});

test('an input whose small record went away is made again', async () => {
  const store = temporaryStore();
  const odd = parity.bind({ of: 3 });
  await run(odd, { store });
  const [record] = [...store.records('parity')];
  // The key is known, and then the record goes, before the task that reads it.
  const path = store.recordPath('parity', record!.key);
  const once = new InProcessExecutor(store);
  const executor = {
    execute: (...[task, made, hooks]: Parameters<InProcessExecutor['execute']>) => {
      if (task.stage === 'after' && hooks.attempt === 1 && !gone++) rmSync(path, { force: true });
      return once.execute(task, made, hooks);
    },
    close: () => once.close(),
  };
  let gone = 0;
  expect((await run(after.bind({ n: 1 }, { inputs: { of: odd } }), { store, executor })).output).toBe(2);
  expect(calls).toEqual(['parity 3', 'parity 3']);
});

test('a target whose small record went away before it was read is made again', async () => {
  const store = temporaryStore();
  const odd = parity.bind({ of: 5 });
  await run(odd, { store });
  const [record] = [...store.records('parity')];
  let gone = 0;
  const onProgress = () => {
    if (!gone++) rmSync(store.recordPath('parity', record!.key), { force: true });
  };
  expect((await run(odd, { store, onProgress })).output).toBe(1);
  expect(calls).toEqual(['parity 5', 'parity 5']);
});

test('pieces that are damaged while workers read them are made again once', async () => {
  const store = temporaryStore();
  await runSweep(ablation({ seeds: [0], patches: [4] }), { store, executor: new InProcessExecutor(store) });
  for (const record of store.records('maps')) {
    const blob = store.blobPath(record.blobs[0]!.hash);
    chmodSync(blob, 0o644);
    writeFileSync(blob, Buffer.alloc(record.blobs[0]!.size, 7));
  }
  const events: RunEvent[] = [];
  const executor = new LocalExecutor(store, { workers: 2, threads: 2 });
  const wide = ablation({ seeds: [0], patches: [8, 16, 20] });
  const { results } = await runSweep(wide, { store, executor, onEvent: (event) => events.push(event) });
  await executor.close();
  expect(results.failures).toEqual([]);
  expect(events.filter(({ type }) => type === 'remade')).toHaveLength(1);
});
