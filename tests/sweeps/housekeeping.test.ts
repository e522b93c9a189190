import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { expect, test, vi } from 'vitest';
import {
  exportRun,
  importRun,
  InProcessExecutor,
  list,
  type OnProgress,
  pin,
  plan,
  planCommand,
  planTogether,
  planGc,
  resultsOf,
  runSweep,
  type Store,
  storeGcCommand,
  storeListCommand,
  storeWhyCommand,
  why,
} from '../../src/sweeps';
import { ablation } from './sweep-stages';
import { temporaryStore } from './temporary-store';
import { temporaryFolder } from '../helpers/temporary';

const runIn = (store: Store, options: Parameters<typeof ablation>[0] = {}) =>
  runSweep(ablation(options), { store, executor: new InProcessExecutor(store) });

/** Makes all blobs and records look old. */
function age(store: Store) {
  for (const stage of store.stages()) {
    for (const record of store.records(stage))
      for (const { hash } of record.blobs) utimesSync(store.blobPath(hash), 1, 1);
  }
}

test('ls and why: what is there, what it was made of, who used it and which run keeps it', async () => {
  const store = temporaryStore();
  await runIn(store);
  const { stages, runs } = list(store);
  expect(stages.map(({ stage, records }) => [stage, records])).toEqual([
    ['maps', 8],
    ['pooled', 4],
    ['score', 12],
  ]);
  expect(runs).toMatchObject([{ id: 'ablation', of: '12 score', points: 12, failures: 0, keys: 24 }]);
  const [record] = [...store.records('pooled')];
  const [found] = why(store, record!.key.slice(0, 10));
  expect(found!.usedBy.map(({ stage }) => stage)).toEqual(['score', 'score', 'score']);
  expect(found!.keptBy).toEqual(['ablation']);
  expect(found!.madeOf.map(({ input, stage }) => `${input} ${stage}`)).toEqual(Array(4).fill('maps maps'));
  const [map] = [...store.records('maps')];
  expect(why(store, map!.key)[0]!.usedBy.map(({ stage }) => stage)).toEqual(['pooled', 'pooled']);
  expect(() => why(store, 'zzz')).toThrow('store ls');
  let text = '';
  await storeListCommand({ store: store.root, write: (part) => (text += part) });
  await storeWhyCommand(record!.key.slice(0, 10), { store: store.root, write: (part) => (text += part) });
  expect(text).toContain('ablation');
  expect(text).toMatch(/made of: maps: maps, 4 of them: \w{12}, \w{12}, \w{12}, …\n {2}used by: score \w{12}, /);
});

test('gc says first what goes and how long it would take to make again, then does it; kept runs stay whole', async () => {
  const store = temporaryStore();
  await runIn(store);
  // The same sweep with one seed: what only the other seed needed is kept by nobody now.
  await runIn(store, { seeds: [0] });
  age(store);
  expect(planGc(store).report).toMatchObject({ blobs: 0, young: 4 + 2 + 6 });
  const { report, go } = planGc(store, { graceMinutes: -1 });
  expect(report.stages.map(({ stage, records }) => [stage, records])).toEqual([
    ['maps', 4],
    ['pooled', 2],
    ['score', 6],
  ]);
  expect(report.runsKept).toMatchObject([{ id: 'ablation', onlyBytes: report.keptBytes }]);
  expect(report.seconds).toBeGreaterThan(0);
  let text = '';
  await storeGcCommand({ store: store.root, graceMinutes: -1, write: (part) => (text += part) });
  expect(text).toContain('Nothing has been touched');
  expect((await plan(ablation(), { store })).toRun).toBe(0);
  go();
  expect((await plan(ablation({ seeds: [0] }), { store })).toRun).toBe(0);
  expect((await resultsOf(ablation({ seeds: [0] }), store)).failures).toEqual([]);
  expect((await plan(ablation(), { store })).toRun).toBe(12);
});

test('what a run has made stays though the run is cut short, and what an earlier run of it made beside it', async () => {
  const store = temporaryStore();
  await runIn(store, { seeds: [0] });
  const aborter = new AbortController();
  const cut = runSweep(ablation({ seeds: [1], patches: [16] }), {
    store,
    executor: new InProcessExecutor(store),
    signal: aborter.signal,
    onEvent: ({ type }) => type === 'done' && aborter.abort(new Error('enough')),
  });
  await expect(cut).rejects.toThrow('enough');
  const { report } = planGc(store, { graceMinutes: -1 });
  expect([report.stages, report.blobs]).toEqual([[], 0]);
});

test('a run writes down what it makes while it goes on, so that it may be killed', async () => {
  const store = temporaryStore();
  const soon = { timeout: 30_000, interval: 10 };
  let letGo = () => {};
  const held = new Promise<void>((resolve) => (letGo = resolve));
  /** Does the first batch of maps, and holds what comes after it. */
  class Holding extends InProcessExecutor {
    private given = 0;
    override async execute(...task: Parameters<InProcessExecutor['execute']>) {
      if (this.given++ > 0) await held;
      return super.execute(...task);
    }
  }
  vi.useFakeTimers({ toFake: ['setInterval'] });
  try {
    const running = runSweep(ablation({ seeds: [0] }), { store, executor: new Holding(store) });
    await vi.waitUntil(() => [...store.records('maps')].length > 0, soon);
    vi.advanceTimersByTime(6000);
    await vi.waitUntil(() => list(store).runs.length > 0, soon);
    expect(list(store).runs).toMatchObject([{ id: 'ablation', points: 6, keys: 4 }]);
    expect(planGc(store, { graceMinutes: -1 }).report.stages).toEqual([]);
    letGo();
    await running;
    expect(list(store).runs).toMatchObject([{ id: 'ablation', points: 6, keys: 12 }]);
  } finally {
    letGo();
    vi.useRealTimers();
  }
});

test('gc refuses a folder that is no store, and knows one that is older than the marker', async () => {
  const folder = temporaryFolder();
  const home = ['tmp/a', 'lists/a', 'records/jazz', 'records/rock/a'].map((name) => join(folder, name));
  for (const file of home) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, '');
  }
  const options = { store: folder, yes: true, graceMinutes: -1, write: () => undefined };
  await expect(storeGcCommand(options)).rejects.toThrow(`${folder} is none: it has no file "stillhouse-store"`);
  expect(home.filter((file) => !existsSync(file))).toEqual([]);
  expect(planGc(temporaryStore()).report.blobs).toBe(0);

  const store = temporaryStore();
  await runIn(store);
  expect(existsSync(join(store.root, 'stillhouse-store'))).toBe(true);
  rmSync(join(store.root, 'stillhouse-store'));
  const { report, go } = planGc(store, { keepRuns: 0, graceMinutes: -1 });
  expect(report.blobs).toBeGreaterThan(0);
  go();
  expect(planGc(store).report).toMatchObject({ blobs: 0, keptBytes: 0 });
});

test('gc counts what it takes beside results: scratch folders, folders that are looked into, lists', async () => {
  const store = temporaryStore();
  await runIn(store);
  for (const folder of ['tmp/left/behind', 'checkouts/of nothing'])
    mkdirSync(join(store.root, folder), { recursive: true });
  let text = '';
  const options = { store: store.root, keepRuns: 0, graceMinutes: -1, write: (part: string) => (text += part) };
  const lists = readdirSync(join(store.root, 'lists')).length;
  expect(planGc(store, options).report.passing).toEqual({ tmp: 1, checkouts: 1, lists });
  await storeGcCommand({ ...options, yes: true });
  expect(text).toContain(`Beside these: 1 in tmp, 1 in checkouts, ${lists} in lists. Kept: `);
  expect(planGc(store, options).report.passing).toEqual({ tmp: 0, checkouts: 0, lists: 0 });
});

test('a size limit lets the oldest runs go, but not the pinned one', async () => {
  const store = temporaryStore();
  await runIn(store);
  const limit = { maxBytes: 1000, graceMinutes: -1 };
  expect(planGc(store, limit).report.runsGone).toEqual(['ablation']);
  await pin(store, 'ablation');
  expect(planGc(store, limit).report).toMatchObject({ runsGone: [], blobs: 0 });
  expect(planGc(store, { keepRuns: 0, graceMinutes: -1 }).report.runsGone).toEqual([]);
  await expect(pin(store, 'other')).rejects.toThrow('The store’s runs: ablation'.replace('’', "'"));
});

test.each([
  ['is cut short', '{"id": "abl'],
  ['lacks its keys', '{"id": "ablation", "started": "", "finished": "", "pinned": true, "points": {}, "failures": {}}'],
])(
  'the record of a run that %s is put aside, and nothing is collected until somebody has seen to it',
  async (_, text) => {
    const said = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const store = temporaryStore();
    await runIn(store);
    const file = join(store.root, 'runs', 'ablation.json');
    writeFileSync(file, text);
    expect(() => planGc(store, { graceMinutes: -1 })).toThrow(`is not known: ${file}.damaged. Run those again`);
    expect(said.mock.calls).toEqual([[expect.stringContaining(`${file} is damaged`)]]);
    said.mockRestore();
    expect(list(store).runs).toEqual([]);
    expect(readFileSync(`${file}.damaged`, 'utf8')).toBe(text);
    // A new record of the run doesn't say what the old one kept.
    expect((await runIn(store)).misses).toBe(0);
    expect(() => planGc(store)).toThrow('is not known');
    rmSync(`${file}.damaged`);
    expect(planGc(store, { graceMinutes: -1 }).report.stages).toEqual([]);
  },
);

test('a run goes to a colleague as one file, and gives its results there without any work', async () => {
  const mine = temporaryStore();
  const theirs = temporaryStore();
  await runIn(mine);
  const file = join(temporaryFolder(), 'ablation.stillhouse');
  const seen: string[] = [];
  const onProgress: OnProgress = ({ done, total }) => seen.push(`${done}/${total}`);
  const { blobs, records } = await exportRun(mine, 'ablation', file, { onProgress });
  expect(records).toBe(24);
  expect(await importRun(theirs, file, { onProgress })).toMatchObject({ run: 'ablation', records: 24 });
  expect(seen).toHaveLength(2 * blobs);
  expect([seen[0], seen.at(-1)]).toEqual([`1/${blobs}`, `${blobs}/${blobs}`]);
  expect((await resultsOf(ablation(), theirs)).table.objects()).toEqual(
    (await resultsOf(ablation(), mine)).table.objects(),
  );
  const [pool] = [...theirs.records('pooled')];
  expect(why(theirs, pool!.key)[0]!.madeOf).toHaveLength(4);
  // The same file again is the same run; another run of that name stays beside it.
  await pin(theirs, 'ablation');
  await importRun(theirs, file);
  expect(list(theirs).runs).toMatchObject([{ id: 'ablation', pinned: true }]);
  await runIn(mine);
  await exportRun(mine, 'ablation', file);
  expect(await importRun(theirs, file)).toMatchObject({ run: 'ablation-imported-2' });
  expect((await runIn(theirs)).misses).toBe(0);
  expect(planGc(theirs, { graceMinutes: -1 }).report.blobs).toBe(0);
});

test('a file that was cut short or changed on the way is refused, and nothing of it gets in', async () => {
  const mine = temporaryStore();
  await runIn(mine, { seeds: [0] });
  const file = join(temporaryFolder(), 'run.stillhouse');
  await exportRun(mine, 'ablation', file);
  const whole = readFileSync(file);
  const theirs = temporaryStore();
  const refused = async (bytes: Buffer, reason: RegExp) => {
    writeFileSync(file, bytes);
    await expect(importRun(theirs, file)).rejects.toThrow(reason);
    expect(theirs.stages()).toEqual([]);
    expect(existsSync(join(theirs.root, 'blobs'))).toBe(false);
  };
  const plain = gunzipSync(whole);
  const with_ = (change: (text: Buffer) => void) => {
    const copy = Buffer.from(plain);
    change(copy);
    return gzipSync(copy);
  };
  await refused(gzipSync(plain.subarray(0, plain.length - 200)), /cut short/);
  await refused(
    with_((bytes) => (bytes[plain.length - 3000] = bytes[plain.length - 3000]! ^ 1)),
    /checksum|cut short/,
  );
  await refused(
    with_((bytes) => bytes.write('stage":"spool', plain.indexOf('stage":"pooled'))),
    /exported by/,
  );
  await refused(Buffer.from('not a run'), /exported by/);
  // Everything is there but gzip's own checksum.
  await refused(whole.subarray(0, -4), /unexpected end of file/);
  await refused(
    gzipSync(Buffer.concat([plain, Buffer.from('{"type":"blob","size":1}\nx')])),
    /something follows its end/,
  );
  writeFileSync(file, whole);
  truncateSync(file, whole.length - 40);
  await expect(importRun(theirs, file)).rejects.toThrow(/exported by/);
});

test('several plans have a line each, and what they share counts for the first', async () => {
  const store = temporaryStore();
  const wide = { ...ablation({ patches: [4, 8, 16] }), name: 'wide' };
  const { sweeps, whole } = await planTogether([ablation(), wide, ablation()], { store });
  expect(sweeps.map(({ name, plan: { runs, runsDone, toRun } }) => [name, runs, runsDone, toRun])).toEqual([
    ['ablation', 12, 0, 24],
    ['wide', 18, 0, 8],
    ['ablation', 12, 0, 0],
  ]);
  expect([whole.runs, whole.toRun]).toEqual([42, 32]);
  await runIn(store);
  let text = '';
  const options = { store: store.root, workers: 2, write: (part: string) => (text += part) };
  await planCommand([ablation(), wide, { ...wide, name: 'again' }], options as never);
  expect(text).toMatch(/^ablation +12 +12 +0 +0 +done$/m);
  expect(text).toMatch(/^wide +18 +12 +0 +8 +\S+ ?m?s$/m);
  expect(text).toMatch(/^again +18 +12 +0 +0 +with those above$/m);
  expect(text).toContain('What several of them need counts for the first.\nTime: about');
  await expect(planCommand([])).rejects.toThrow('Expected the name of a sweep to plan, got none.');
});

test('the plan as text names runs, shares, time, and with explain the reasons', async () => {
  const store = temporaryStore();
  let text = '';
  const options = { store: store.root, explain: true, workers: 2, write: (part: string) => (text += part) };
  await planCommand([ablation()], options as never);
  expect(text).toContain('ablation: 12 runs, 0 done; 24 distinct pieces of work, 0 in the store, 24 to run.');
  expect(text).not.toContain('Time: about');
  expect(text).toMatch(/score\(clusters=1\) and 11 more\n {2}it never ran\n {2}waits for pooled\n/);
  expect(text).toContain('Time and disk unknown of what never ran: maps, pooled, score.');
  await runIn(store);
  text = '';
  await planCommand([ablation({ patches: [16] })], options as never);
  expect(text).toMatch(/Time: about .* with 2 workers/);
  expect(text).toMatch(/parameters\.patch: [48] → 16/);
});
