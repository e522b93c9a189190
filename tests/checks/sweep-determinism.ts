/**
 * Which operations and which of the real stages give the same bits again: `node --import tsx tests/checks/sweep-determinism.ts`.
 * Each stage works on a few still lifes, twice in fresh worker processes with two threads and twice with one. Prints a table
 * of how many pieces have the same output as the first run's, and what of each operation differs between two threads and
 * one; exit code 1 where a repetition with the same threads differs. About three minutes.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bindDistillation, bindStudent, teacher } from '../../src/experiments';
import { smallPriorSettings } from '../../src/methods';
import { LocalExecutor, run, sha256, Store } from '../../src/sweeps';
import { operationBits, operationNames } from './operations-stage';

const still = (split: 'train' | 'test', perClass: number) =>
  ({ kind: 'still-life', split, perClass, size: 64, seed: 0 }) as const;
const test = still('test', 10);
const { distilled } = bindDistillation({
  ...smallPriorSettings,
  ...{ dataset: still('train', 8), prior: 'still-life', draws: 6, clusters: 3, topClusters: 2, imagesPerClass: 1 },
});
const trained = teacher.bind({ train: still('train', 40), test, network: 'conv3', size: 32, epochs: 10 });
const taught = bindStudent(
  { test, network: 'conv3', size: 32, protocol: 'rded', epochs: 3, seed: 0 },
  { distilled, teacher: trained },
);

const bits = operationBits.bind({}, { items: operationNames });

const folder = mkdtempSync(join(tmpdir(), 'stillhouse-determinism-'));
/** Hash of each piece's output, of a run in an empty store; of trained networks their weights, of students their row. */
async function outputs(name: string, threads: number) {
  const store = new Store(join(folder, name));
  const executor = new LocalExecutor(store, { threads, workers: 1 });
  try {
    const { output } = await run({ trained, taught, bits }, { store, executor });
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
    return { found, operations: output.bits };
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
    const [left, right] = [runs.get(a)!.found.get(stage)!, runs.get(b)!.found.get(stage)!];
    return `${left.filter((output, i) => right[i] === output).length} of ${left.length}`;
  };
  const table = [...runs.get('1 threads, first')!.found.keys()].map((stage) => ({
    stage,
    '2 threads, twice': same('2 threads, first', '2 threads, again', stage),
    '1 thread, twice': same('1 threads, first', '1 threads, again', stage),
    '2 threads against 1': same('2 threads, first', '1 threads, first', stage),
  }));
  console.table(table);
  const operations = operationNames.map((operation, i) => {
    const of = (name: string) => runs.get(name)!.operations[i]!;
    const [one, two] = [of('1 threads, first'), of('2 threads, first')];
    const parts = Object.keys(one);
    return {
      operation,
      'the same with two threads and one': parts.filter((part) => one[part] === two[part]).join(', ') || '–',
      differs: parts.filter((part) => one[part] !== two[part]).join(', ') || '–',
    };
  });
  console.table(operations);
  const differs = table.filter((line) =>
    [line['1 thread, twice'], line['2 threads, twice']].some((text) => new Set(text.split(' of ')).size > 1),
  );
  if (differs.length > 0) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
