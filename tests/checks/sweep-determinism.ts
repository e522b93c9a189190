/**
 * Which of the real stages give the same bits again: `node --import tsx tests/checks/sweep-determinism.ts`. Each works on a
 * few still lifes, twice in fresh worker processes with two threads and twice with one. Prints a table of how many pieces
 * have the same output as the first run's; exit code 1 where a repetition with one thread differs. About three minutes.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bindDistillation, stillLifeTour, student, teacher } from '../../src/experiments';
import { LocalExecutor, run, sha256, Store } from '../../src/sweeps';

const still = (split: 'train' | 'test', perClass: number) =>
  ({ kind: 'still-life', split, perClass, size: 64, seed: 0 }) as const;
const test = still('test', 10);
const { distilled } = bindDistillation({
  ...stillLifeTour,
  ...{ dataset: still('train', 8), drawsPerBand: 2, clusters: 3, topClusters: 2, imagesPerClass: 1 },
});
const trained = teacher.bind({ train: still('train', 40), test, network: 'conv3', size: 32, epochs: 10 });
const taught = student.bind(
  { test, network: 'conv3', size: 32, epochs: 3, seed: 0 },
  { inputs: { distilled, teacher: trained } },
);

const folder = mkdtempSync(join(tmpdir(), 'stillhouse-determinism-'));
/** Hash of each piece's output, of a run in an empty store; of trained networks their weights, of students their row. */
async function outputs(name: string, threads: number): Promise<Map<string, string[]>> {
  const store = new Store(join(folder, name));
  const executor = new LocalExecutor(store, { threads, workers: 1 });
  try {
    const { output } = await run({ trained, taught }, { store, executor });
    const found = new Map(
      store.stages().map((stage) => {
        const records = [...store.records(stage)].sort((x, y) => (x.key < y.key ? -1 : 1));
        return [stage, records.map((record) => record.output)];
      }),
    );
    // Both say how long they took, which is no part of what they are.
    const weights = Buffer.from(await output.trained.weights.read());
    const { seconds: _, ...row } = output.taught;
    found.set('teacher', [sha256(weights.subarray(8 + Number(weights.readBigUInt64LE())))]);
    found.set('student', [sha256(JSON.stringify(row))]);
    return found;
  } finally {
    await executor.close();
  }
}

try {
  const runs = new Map<string, Awaited<ReturnType<typeof outputs>>>();
  for (const threads of [2, 1]) {
    for (const time of ['first', 'again']) {
      const name = `${threads} threads, ${time}`;
      runs.set(name, await outputs(name, threads));
      console.log(`${name}: done`);
    }
  }
  const same = (a: string, b: string, stage: string) => {
    const [left, right] = [runs.get(a)!.get(stage)!, runs.get(b)!.get(stage)!];
    return `${left.filter((output, i) => right[i] === output).length} of ${left.length}`;
  };
  const table = [...runs.get('1 threads, first')!.keys()].map((stage) => ({
    stage,
    '2 threads, twice': same('2 threads, first', '2 threads, again', stage),
    '1 thread, twice': same('1 threads, first', '1 threads, again', stage),
    '2 threads against 1': same('2 threads, first', '1 threads, first', stage),
  }));
  console.table(table);
  const differs = table.filter((line) => new Set(line['1 thread, twice'].split(' of ')).size > 1);
  if (differs.length > 0) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
