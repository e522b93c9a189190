import { readFileSync, writeFileSync, rmSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import {
  grid,
  input,
  LocalExecutor,
  plan,
  resultsOf,
  run,
  runSweep,
  type Settings,
  type Store,
  stage,
  sweep,
  zip,
} from '../../src/sweeps';
import { InProcessExecutor } from '../../src/sweeps';
import { isRunning } from '../helpers/is-running';
import { telling } from './example-stages';
import { ablation, maps, pooled, score } from './sweep-stages';
import { temporaryStore } from './temporary-store';
import { temporaryFolder } from '../helpers/temporary';

const inProcess = (store: Store) => ({ store, executor: new InProcessExecutor(store) });

function failingSweep(flag: string, failures: Record<number, string>, clusters = [1, 2, 3]) {
  return sweep({
    name: 'failing',
    base: { clusters: 1 } as Settings & { clusters: number },
    axes: [grid({ clusters })],
    target: ({ clusters }) =>
      score.bind(
        { clusters, fail: failures[clusters] },
        {
          inputs: {
            pooled: pooled.bind(
              { patch: 4 },
              { inputs: { maps: maps.bind({ seed: 0 }, { items: [0], unkeyed: { pause: 0 } }) } },
            ),
          },
          unkeyed: { flag },
        },
      ),
  });
}

test('axes multiply, zip goes side by side, lists replace, and constraints take away', () => {
  const made = sweep({
    name: 'shape',
    base: { a: 1, b: 1, c: 'x', d: 0 } as Settings & { a: number; b: number; c: string; d: number },
    axes: [grid({ a: [1, 2], b: [1, 2] }), zip({ c: ['x', 'y'], d: [0, 5] }), [{}, { a: 9 }]],
    seeds: [0, 1],
    where: ({ a, b }) => a !== b,
    target: ({ a }) =>
      score.bind(
        { clusters: a },
        {
          inputs: {
            pooled: pooled.bind(
              { patch: 1 },
              { inputs: { maps: maps.bind({ seed: 0 }, { items: [], unkeyed: { pause: 0 } }) } },
            ),
          },
        },
      ),
  });
  // (1,2) (2,1) and (9,1) (9,2), each × two of the zip × two seeds; (9, b) comes from two places and is taken once.
  expect(made.points).toHaveLength(16);
  expect(made.varied).toEqual(['a', 'b', 'c', 'd']);
  expect(() => sweep({ name: 'x', base: { a: 1 }, axes: [[{ q: 1 } as never]], target: () => null as never })).toThrow(
    'got "q"',
  );
  expect(() => zip({ a: [1, 2], b: [1] })).toThrow('a: 2, b: 1');
});

test('a sweep costs its distinct work: maps once a seed, pools once a patch', async () => {
  const store = temporaryStore();
  const { results, hits, misses } = await runSweep(ablation(), inProcess(store));
  // 2 seeds × 4 items of maps, 2 × 2 pools, 12 scores.
  expect([hits, misses]).toEqual([0, 8 + 4 + 12]);
  expect(results.table.columnNames()).toEqual(
    ['clusters', 'items', 'patch', 'seed', 'status', 'accuracy', 'spread', 'error'].toSorted(
      (a, b) => ORDER.indexOf(a) - ORDER.indexOf(b),
    ),
  );
  const summary = results.summary().objects() as Record<string, number>[];
  expect(summary).toHaveLength(6);
  expect(summary[0]).toMatchObject({ patch: 4, clusters: 1, n: 2, missing: 0, failed: 0 });
  const [a, b] = (results.table.objects() as Record<string, number>[]).map(({ accuracy }) => accuracy!);
  expect(summary[0]!.accuracy).toBeCloseTo((a! + b!) / 2, 12);
  expect(summary[0]!.accuracy_sd).toBeCloseTo(Math.abs(a! - b!) / Math.SQRT2, 12);
  expect((await runSweep(ablation(), inProcess(store))).misses).toBe(0);
});
const ORDER = ['items', 'patch', 'clusters', 'seed', 'status', 'accuracy', 'spread', 'error'];

test('a plan says what is shared, what is there, how long it takes and why it runs, and does no work', async () => {
  const store = temporaryStore();
  const before = await plan(ablation(), { store, explain: true });
  expect(before).toMatchObject({ runs: 12, runsDone: 0, hits: 0, toRun: 24, unknown: ['maps', 'pooled', 'score'] });
  expect(before.nodes[0]!.reasons).toEqual(['it never ran']);
  expect(before.nodes.at(-1)).toMatchObject({ state: 'waits' });
  await runSweep(ablation(), inProcess(store));
  expect(await plan(ablation(), { store })).toMatchObject({ runsDone: 12, hits: 24, toRun: 0, bytes: 0, unknown: [] });

  const more = await plan(ablation({ items: 6, seeds: [0] }), { store, explain: true, workers: 2, threads: 2 });
  expect(more.stages.map(({ stage, hits, toRun }) => [stage, hits, toRun])).toEqual([
    ['maps', 4, 2],
    ['pooled', 0, 2],
    ['score', 0, 6],
  ]);
  expect(more.nodes[0]!.reasons).toEqual(['2 of 6 items are new']);
  expect(more.bytes).toBeGreaterThan(2 * 16_000);
  expect(more.seconds.low).toBeLessThanOrEqual(more.seconds.median);
  expect(more.seconds.median).toBeGreaterThan(0);
  expect(more.wall.median / more.seconds.median).toBeCloseTo(1 / 2, 9);

  const patch = await plan(ablation({ patches: [16], seeds: [0] }), { store, explain: true });
  const pool = patch.nodes.find(({ stage }) => stage === 'pooled')!;
  expect(pool.changes).toEqual([{ field: 'parameters.patch', before: expect.any(Number), now: 16 }]);
  expect(pool.reasons[0]).toMatch(/^parameters.patch: [48] → 16$/);
});

test('time is reckoned for as many tasks at once as their threads allow', async () => {
  const store = temporaryStore();
  const wide = stage({
    name: 'wide',
    version: 1,
    parameters: z.object({ i: z.int() }),
    resources: { threads: 2 },
    run: (_, { i }) => i,
  });
  await run(wide.bind({ i: 0 }), { store });
  const planned = (limits: { workers?: number; threads: number }) =>
    plan(
      [1, 2, 3, 4].map((i) => wide.bind({ i })),
      { store, ...limits },
    );
  const { seconds, wall } = await planned({ threads: 4 });
  expect(seconds.median).toBeGreaterThan(0);
  expect(wall.median / seconds.median).toBeCloseTo(1 / 2, 9);
  expect((await planned({ threads: 3 })).wall).toEqual(seconds);
  expect((await planned({ threads: 16, workers: 4 })).wall.median / seconds.median).toBeCloseTo(1 / 4, 9);
});

test('what a stage needs has defaults, and may depend on its parameters', () => {
  const common = { version: 1, parameters: z.object({ size: z.int() }), run: () => 0 };
  const needs = { threads: 1, gpus: 0, minutes: 60 };
  expect(stage({ ...common, name: 'small' }).resources({ size: 3 })).toEqual({ ...needs, memory: 512 });
  const large = stage({
    ...common,
    name: 'large',
    resources: { memory: 100, gpus: 1 },
    resourcesFor: ({ size }) => ({ memory: 10 * size }),
  });
  expect(large.resources({ size: 3 })).toEqual({ ...needs, gpus: 1, memory: 30 });
});

test.each([
  [{ threads: 0 }, 'threads: Too small'],
  [{ memory: Number.NaN }, 'memory: Invalid input'],
  [{ gpus: -1 }, 'gpus: Too small'],
  [{ minutes: 0 }, 'minutes: Too small'],
])('a stage that needs %o is refused, as is one whose parameters say so', (needs, reason) => {
  const common = { name: 'needy', version: 1, parameters: z.object({}), run: () => 0 };
  expect(() => stage({ ...common, resources: needs })).toThrow('Expected valid resources of stage "needy", got {');
  const later = stage({ ...common, resourcesFor: () => needs });
  expect(() => later.resources({})).toThrow(reason);
});

test('worker processes give what this process gives, bit for bit', async () => {
  const local = temporaryStore();
  const store = temporaryStore();
  const here = await runSweep(ablation(), inProcess(local));
  const executor = new LocalExecutor(store, { workers: 2, threads: 2 });
  const pids = new Set<number>();
  const there = await runSweep(ablation(), {
    store,
    executor,
    onEvent() {
      for (const pid of executor.pids) pids.add(pid);
    },
  });
  await executor.close();
  expect(there.results.table.objects()).toEqual(here.results.table.objects());
  expect(pids.size).toBe(2);
  expect([...pids].filter(isRunning)).toEqual([]);
});

test('one failure leaves the rest alone; its log is kept; run again tries only what failed', async () => {
  const store = temporaryStore();
  const flag = join(temporaryFolder(), 'flag');
  const made = failingSweep(flag, { 2: 'until flag' });
  const executor = () => new LocalExecutor(store, { workers: 1, threads: 1 });
  const events: string[] = [];
  let used = executor();
  const first = await runSweep(made, { store, executor: used, onEvent: ({ type }) => events.push(type) });
  await used.close();
  expect(first.results.rows.map(({ status }) => status)).toEqual(['done', 'failed', 'done']);
  expect(first.results.rows[1]!.error).toContain('cannot make 2 clusters');
  const log = readFileSync(first.results.rows[1]!.log!, 'utf8');
  expect(log).toContain('about to fail with 2 clusters');
  expect(log).toContain('sweep-stages.ts');
  const [, , told] = /^1 run has no result\. (Stage "score.* failed: cannot make 2 clusters)\n {2}of (.*)\n/m.exec(
    first.results.text(),
  )!;
  expect(told).toBe('clusters=2 seed=0');
  expect(first.results.text()).toContain('  | about to fail with 2 clusters\n  | Error: cannot make 2 clusters');
  expect((await resultsOf(made, store)).text()).toBe(first.results.text());
  expect(first.results.summary({ by: [] }).objects()).toMatchObject([{ n: 2, failed: 1, missing: 0 }]);
  writeFileSync(flag, '');
  used = executor();
  const second = await runSweep(made, { store, executor: used });
  await used.close();
  expect(second.results.rows.map(({ status }) => status)).toEqual(['done', 'done', 'done']);
  expect(second.misses).toBe(1);
});

test('runs that lack a result by one cause are told together', async () => {
  const store = temporaryStore();
  const rest = pooled.bind(
    { patch: 3 },
    { inputs: { maps: maps.bind({ seed: 0 }, { items: [], unkeyed: { pause: 0 } }) } },
  );
  const broken = score.bind({ clusters: 1, fail: 'always' }, { inputs: { pooled: rest } });
  const twice = stage({
    name: 'twice',
    version: 1,
    parameters: z.object({ of: z.int() }),
    inputs: { score: input<{ accuracy: number }>() },
    run: (_, { of }, inputs) => inputs.score.accuracy * of,
  });
  const made = sweep({
    name: 'all-fail',
    base: { of: 0 },
    axes: [grid({ of: [1, 2, 3, 4, 5, 6] })],
    target: ({ of }) => twice.bind({ of }, { inputs: { score: broken } }),
  });
  const bars = new Map<string, object>();
  const onProgress = ({ label, ...bar }: { label: string }) => bars.set(label, bar);
  const { results } = await runSweep(made, { ...inProcess(store), onProgress });
  expect(Object.fromEntries(bars)).toMatchObject({
    pooled: { done: 1, total: 1 },
    twice: { done: 6, total: 6, detail: '6 without a result' },
    runs: { done: 6, total: 6 },
  });
  const text = results.text();
  expect(text.match(/cannot make 1 clusters/g)).toHaveLength(1);
  expect(text).toMatch(/^6 runs have no result\. Stage "score.*\n {2}of of=1 seed=0, .*of=4 seed=0, and 2 more$/m);
});

test('a worker that dies is replaced and its task tried again', async () => {
  const store = temporaryStore();
  const flag = join(temporaryFolder(), 'flag');
  const executor = new LocalExecutor(store, { workers: 1, threads: 1 });
  const run = await runSweep(failingSweep(flag, { 2: 'crash once' }), { store, executor });
  await executor.close();
  expect(run.results.rows.every(({ status }) => status === 'done')).toBe(true);
  expect(run.retries).toBe(1);
});

test('maxFailures stops what has not begun: those points are missing, not failed', async () => {
  const store = temporaryStore();
  const made = failingSweep('none', { 1: 'always', 2: 'always', 3: 'always' }, [1, 2, 3, 4, 5]);
  const { results } = await runSweep(made, { ...inProcess(store), maxFailures: 1 });
  expect(results.rows.map(({ status }) => status)).toEqual(['failed', 'failed', 'missing', 'missing', 'missing']);
});

test('progress counts runs and stages, and rows come in one by one', async () => {
  const store = temporaryStore();
  const labels = new Map<string, string>();
  const rows: number[] = [];
  const left: string[] = [];
  await runSweep(ablation({ seeds: [0] }), {
    ...inProcess(store),
    onProgress: ({ label, done, total, secondsLeft, detail }) => {
      labels.set(label, `${done}/${total}`);
      if (label === 'runs' && secondsLeft !== undefined)
        left.push(`${secondsLeft > 0 ? 'some time' : ''}, ${detail ?? ''}`);
    },
    onResults: (results) => rows.push(results.rows.filter(({ status }) => status === 'done').length),
  });
  expect(Object.fromEntries(labels)).toEqual({ runs: '6/6', maps: '4/4', pooled: '2/2', score: '6/6' });
  expect(rows).toEqual([1, 2, 3, 4, 5, 6]);
  // Stages of which nothing is known yet come on top of what the known ones take.
  expect([left[0], left.at(-1)]).toEqual(['some time, and what never ran before', 'some time, ']);
});

test('a piece that tells how far it is stands beside the count of its stage, until it ends', async () => {
  const store = temporaryStore();
  const told: string[] = [];
  const tellings = sweep({
    name: 'tellings',
    base: { of: 0 } as Settings & { of: number },
    axes: [grid({ of: [1, 2] })],
    target: ({ of }) => telling.bind({ of }),
    measure: (value) => ({ value }),
  });
  await runSweep(tellings, {
    ...inProcess(store),
    onProgress: ({ label, done, total, detail }) => {
      if (label === 'telling') told.push(`${done}/${total} ${detail ?? ''}`.trim());
    },
  });
  const piece = ['Training 25 %', 'Training 75 %', 'Testing 33 %'];
  expect(told).toEqual([...piece.map((news) => `0/2 ${news}`), '1/2', ...piece.map((news) => `1/2 ${news}`), '2/2']);
});

test('outputs that are gone matter only to those who read them', async () => {
  const store = temporaryStore();
  await runSweep(ablation({ seeds: [0] }), inProcess(store));
  for (const record of store.records('maps')) for (const { hash } of record.blobs) rmSync(store.blobPath(hash));
  expect(await plan(ablation({ seeds: [0] }), { store })).toMatchObject({ toRun: 0 });
  expect((await runSweep(ablation({ seeds: [0] }), inProcess(store))).misses).toBe(0);
  const { misses } = await runSweep(ablation({ seeds: [0], patches: [16] }), inProcess(store));
  expect(misses).toBe(4 + 1 + 3);
  expect(existsSync(store.root)).toBe(true);
});
