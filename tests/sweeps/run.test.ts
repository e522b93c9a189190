import { chmodSync, existsSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { run, stage, StageFailedError } from '../../src/sweeps';
import { calls, failing, join, numbers, parity, squares, total } from './example-stages';
import { temporaryStore } from './temporary-store';

beforeEach(() => {
  calls.length = 0;
});

const items = (...ids: string[]) => ids.map((id, index) => ({ id, index }));

test('a stage runs once: the second time its output comes from the store, arrays and all', async () => {
  const store = temporaryStore();
  const bound = numbers.bind({ count: 2000, start: 0.5 });
  const first = await run(bound, { store });
  const second = await run(bound, { store });
  expect(calls).toEqual(['numbers']);
  expect([first.hits, first.misses, second.hits, second.misses]).toEqual([0, 1, 1, 0]);
  expect(second.output).toEqual(first.output);
  expect(second.output.data).toBeInstanceOf(Float32Array);
  expect(second.output.data[1999]).toBe(1999.5);
});

test('outputs that are all there are given from a store that nothing can be written to', async () => {
  const store = temporaryStore();
  const bound = numbers.bind({ count: 3 });
  const { output } = await run(bound, { store });
  // A file where temporary files would go, as the superuser may write into a read-only folder.
  rmSync(`${store.root}/tmp`, { recursive: true });
  writeFileSync(`${store.root}/tmp`, '');
  const lines: string[] = [];
  const again = await run(bound, { store, onLog: (line) => lines.push(line) });
  expect([again.hits, again.output]).toEqual([1, output]);
  expect(lines).toEqual([expect.stringContaining("The run's record could not be written: ")]);
});

test('parameters that only spell out a default are the same work', async () => {
  const store = temporaryStore();
  await run(numbers.bind({ count: 3 }), { store });
  expect((await run(numbers.bind({ start: 0, count: 3 }), { store })).misses).toBe(0);
});

test('adding items to a mapped stage works out only those, wherever the others now stand', async () => {
  const store = temporaryStore();
  const bind = (ids: string[], source: string) =>
    squares.bind({ scale: 2 }, { items: items(...ids), unkeyed: { source } });
  expect(
    (await run(bind(['a', 'bb', 'ccc', 'dddd', 'eeeee'], 'here'), { store })).output.map(({ value }) => value),
  ).toEqual([2, 8, 18, 32, 50]);
  expect(calls).toEqual(['squares a bb ccc dddd from here', 'squares eeeee from here']);
  calls.length = 0;
  const more = await run(bind(['ffffff', 'bb', 'a'], 'there'), { store });
  expect(more.output.map(({ value }) => value)).toEqual([72, 8, 2]);
  expect(calls).toEqual(['squares ffffff from there']);
  expect([more.hits, more.misses]).toEqual([2, 1]);
});

test('an item that stands twice is worked out once', async () => {
  const bound = squares.bind({ scale: 1 }, { items: items('a', 'a', 'a'), unkeyed: { source: 'x' } });
  expect((await run(bound, { store: temporaryStore() })).output).toEqual([{ value: 1 }, { value: 1 }, { value: 1 }]);
  expect(calls).toEqual(['squares a from x']);
});

test('nodes that two targets share run once, and outputs come back in the shape of the targets', async () => {
  const values = () => squares.bind({ scale: 0.3 }, { items: items('a', 'bb'), unkeyed: { source: 'x' } });
  const { output } = await run(
    {
      exact: total.bind({}, { inputs: { values: values() } }),
      rounded: total.bind({ round: true }, { inputs: { values: values() } }),
    },
    { store: temporaryStore() },
  );
  expect(output).toEqual({ exact: 0.3 + 1.2, rounded: 2 });
  expect(calls.filter((call) => call.startsWith('squares'))).toHaveLength(1);
});

test('early cut-off: where an input gives the same output as before, nothing after it runs again', async () => {
  const store = temporaryStore();
  const bind = (a: number, b: number) =>
    join.bind({ separator: '-' }, { inputs: { parts: [parity.bind({ of: a }), parity.bind({ of: b })] } });
  expect((await run(bind(1, 2), { store })).output).toBe('1-0');
  calls.length = 0;
  const { output, hits, misses } = await run(bind(3, 4), { store });
  expect(output).toBe('1-0');
  expect(calls).toEqual(['parity 3', 'parity 4']);
  expect([hits, misses]).toEqual([1, 2]);
});

test('a changed version is other work', async () => {
  const store = temporaryStore();
  const version = (n: number) => stage({ name: 'same', version: n, parameters: z.object({}), run: () => 1 }).bind({});
  await run(version(1), { store });
  expect((await run(version(1), { store })).misses).toBe(0);
  expect((await run(version(2), { store })).misses).toBe(1);
});

test('two stages of notebook cells that differ in their code alone are two nodes of one run', async () => {
  const same = { name: 'same', version: 1, parameters: z.object({}) };
  const targets = [stage({ ...same, run: () => 1 }).bind({}), stage({ ...same, run: () => 2 }).bind({})];
  const { output, misses } = await run(targets, { store: temporaryStore() });
  expect([output, misses]).toEqual([[1, 2], 2]);
});

test('NaN, infinities and -0 survive, in parameters and outputs', async () => {
  const echo = stage({ name: 'echo', version: 1, parameters: z.object({ x: z.any() }), run: (_, { x }) => ({ x }) });
  const values = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 1e-320];
  const { output } = await run(echo.bind({ x: values }), { store: temporaryStore() });
  expect(output).toEqual({ x: values });
});

test('a failing stage stops the run with its name, parameters and cause', async () => {
  const error = await run(failing.bind({ message: 'no such prior' }), { store: temporaryStore() }).catch((e) => e);
  expect(error).toBeInstanceOf(StageFailedError);
  expect(error.message).toContain('failing(message=no such prior)');
  expect(error.cause.message).toBe('no such prior');
});

test.each(['corrupt', 'truncate', 'delete'])(
  'an artifact that somebody did %s is remade, as target and as input',
  async (how) => {
    const store = temporaryStore();
    const long = numbers.bind({ count: 5000 });
    const head = stage({
      name: 'head',
      version: 1,
      parameters: z.object({ n: z.number() }),
      inputs: { of: { list: false } as { list: false; type?: { data: Float32Array } } },
      run: (_, { n }, { of }) => [...of.data.slice(0, n)],
    });
    const before = await run(long, { store });
    const [record] = [...store.records('numbers')];
    const blob = store.blobPath(record!.blobs[0]!.hash);
    const damage = () => {
      chmodSync(blob, 0o644);
      if (how === 'corrupt') writeFileSync(blob, Buffer.alloc(20_000, 7));
      if (how === 'truncate') truncateSync(blob, 100);
      if (how === 'delete') rmSync(blob);
    };
    damage();
    const asInput = await run(head.bind({ n: 3 }, { inputs: { of: long } }), { store });
    expect(asInput.output).toEqual([0, 1, 2]);
    expect(asInput.stages[0]!.remade).toHaveLength(1);
    damage();
    expect((await run(long, { store })).output).toEqual(before.output);
    expect(calls).toEqual(['numbers', 'numbers', 'numbers']);
  },
);

test('a damaged record counts as not there', async () => {
  const store = temporaryStore();
  await run(numbers.bind({ count: 3 }), { store });
  const [record] = [...store.records('numbers')];
  const path = store.recordPath('numbers', record!.key);
  chmodSync(path, 0o644);
  writeFileSync(path, 'x');
  expect((await run(numbers.bind({ count: 3 }), { store })).misses).toBe(1);
});

test('files and folders go through the store and come out as read-only links', async () => {
  const store = temporaryStore();
  const model = stage({
    name: 'model',
    version: 1,
    parameters: z.object({ text: z.string() }),
    async run(context, { text }) {
      const folder = await context.scratch();
      writeFileSync(`${folder}/weights.bin`, text);
      writeFileSync(`${folder}/config.json`, '{}');
      return { model: await context.folder(folder), card: await context.file(`${folder}/config.json`) };
    },
  });
  const { output } = await run(model.bind({ text: 'abc' }), { store });
  expect(output.model.files.map(({ path }) => path)).toEqual(['config.json', 'weights.bin']);
  expect(Buffer.from(await output.model.read('weights.bin')).toString()).toBe('abc');
  const path = await output.model.path();
  expect(existsSync(`${path}/weights.bin`)).toBe(true);
  expect(await output.model.path()).toBe(path);
  expect(Buffer.from(await output.card.read()).toString()).toBe('{}');
});

test('progress counts the stages and the pieces of each, and an interrupt ends the run with its reason', async () => {
  const bars = new Map<string, string>();
  const store = temporaryStore();
  await run(
    [1, 2, 3].map((count) => numbers.bind({ count })),
    {
      store,
      onProgress: ({ label, done, total: all }) => bars.set(label, `${done}/${all}`),
    },
  );
  expect([...bars.values()]).toEqual(['3/3', '3/3']);
  expect([...bars.keys()]).toEqual(['stages', 'numbers']);
  const signal = AbortSignal.abort(new Error('interrupted'));
  await expect(run(numbers.bind({ count: 4 }), { store, signal })).rejects.toThrow('interrupted');
});

test('an unknown parameter, a missing input and a class instance are refused by name', async () => {
  const store = temporaryStore();
  expect(() => numbers.bind({ count: 1, cuont: 2 } as { count: number })).toThrow(
    /parameters of stage "numbers".*cuont/,
  );
  expect(() => total.bind({}, {} as Parameters<typeof total.bind>[1])).toThrow(
    /bound stage for input "values".*got nothing/,
  );
  const odd = stage({ name: 'odd', version: 1, parameters: z.object({}), run: () => ({ a: [new Map()] }) });
  await expect(run(odd.bind({}), { store })).rejects.toThrow('an instance of Map at `a[0]`');
});

test('a chain of 8,000 stages needs no deep call stack', async () => {
  const link = stage({
    name: 'link',
    version: 1,
    parameters: z.object({}),
    inputs: { before: { list: true } as { list: true; type?: number } },
    run: (_, __, { before }) => (before[0] ?? 0) % 2,
  });
  let bound = link.bind({}, { inputs: { before: [] } });
  for (let i = 0; i < 8000; i++) bound = link.bind({}, { inputs: { before: [bound] } });
  // Two keys: the first link's, and that of a link whose input is 0.
  expect((await run(bound, { store: temporaryStore() })).misses).toBe(2);
});
