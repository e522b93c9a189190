/** Costs that ship: gathered from a store, written, and used where a stage never ran. */
import { linkSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Store, StageDefinitionError } from '../../src/sweeps';
import { sha256 } from '../../src/sweeps/canonical';
import { PastCosts } from '../../src/sweeps/plan/history';
import { gatherCosts, knownCosts, readCosts, writeCosts } from '../../src/sweeps/plan/known-costs';
import { temporaryStore } from './temporary-store';
import { temporaryFolder } from '../helpers/temporary';

/** Files work of a stage that took so many seconds. */
async function past(
  store: Store,
  stage: string,
  parameters: Record<string, string | number>,
  seconds: number,
  amount?: number,
) {
  const key = sha256(JSON.stringify([stage, parameters, seconds, amount]));
  const material = { stage, version: 1, code: key, parameters, inputs: {} };
  const done = {
    output: key,
    document: '12',
    blobs: [],
    seconds,
    ...(amount === undefined ? {} : { amount }),
    machine: 'away',
    finished: new Date(0).toISOString(),
  };
  await store.file({ format: 1, key, material, ...done });
}

test('are gathered by stage and parameters, without seeds and with three figures', async () => {
  const store = temporaryStore();
  await past(store, 'training', { epochs: 10, seed: 0 }, 1.23456);
  await past(store, 'training', { epochs: 10, seed: 1 }, 3);
  await past(store, 'training', { epochs: 300, seed: 0 }, 40);
  await past(store, 'scoring', { size: 96 }, 0.5);
  expect(gatherCosts(store)).toEqual([
    { stage: 'scoring', fields: { '.size': '96' }, low: 0.5, median: 0.5, high: 0.5, bytes: 2, n: 1 },
    { stage: 'training', fields: { '.epochs': '10' }, low: 1.23, median: 3, high: 3, bytes: 2, n: 2 },
    { stage: 'training', fields: { '.epochs': '300' }, low: 40, median: 40, high: 40, bytes: 2, n: 1 },
  ]);
});

test('count where a stage never ran here, by the most alike parameters; then the store counts', async () => {
  const [away, store] = [temporaryStore(), temporaryStore()];
  await past(away, 'training', { epochs: 10, network: 'small' }, 1);
  await past(away, 'training', { epochs: 10, network: 'large' }, 7);
  await past(away, 'training', { epochs: 300, network: 'small' }, 30);
  const known = gatherCosts(away);
  const cost = (parameters: Record<string, string | number>) =>
    new PastCosts(store, 'here', known).alike('training', parameters);
  expect(cost({ epochs: 10, network: 'large' })).toMatchObject({ median: 7, here: false });
  expect(cost({ epochs: 300, network: 'huge' })).toMatchObject({ median: 30, here: false });
  expect(new PastCosts(store, 'here', []).alike('training', { epochs: 10 })).toBeUndefined();
  await past(store, 'training', { epochs: 20, network: 'small' }, 2);
  expect(cost({ epochs: 10, network: 'large' })).toMatchObject({ median: 2 });
});

test('are of the amount that was done, and reckoned for the amount that is asked about', async () => {
  const [away, store] = [temporaryStore(), temporaryStore()];
  await past(away, 'training', { epochs: 10 }, 4, 20);
  await past(away, 'training', { epochs: 10 }, 8, 40);
  await past(away, 'training', { epochs: 300 }, 60);
  const known = gatherCosts(away);
  expect(known.map(({ amount, median }) => [amount, median])).toEqual(
    expect.arrayContaining([
      [20, 4],
      [40, 8],
      [undefined, 60],
    ]),
  );
  for (const costs of [new PastCosts(store, 'here', known), new PastCosts(away, 'away', [])]) {
    const seconds = (epochs: number, amount?: number) => costs.alike('training', { epochs }, amount)?.median;
    expect(seconds(10, 100)).toBeCloseTo(20);
    expect(seconds(10, 10)).toBeCloseTo(2);
    expect(seconds(300, 100)).toBe(60); // how much that was is not known
  }
});

test('written again, those of other parameters stay', () => {
  const file = join(temporaryFolder(), 'costs.json');
  const cost = (stage: string, epochs: number, median: number) => ({
    ...{ stage, fields: { '.epochs': String(epochs) }, low: 1, median, high: 9, bytes: 0, n: 1 },
  });
  writeCosts(file, [cost('training', 10, 2), cost('a', 1, 2)]);
  writeCosts(file, [cost('training', 10, 5), cost('training', 20, 6)]);
  expect(readCosts(file)).toEqual([cost('a', 1, 2), cost('training', 10, 5), cost('training', 20, 6)]);
  expect(readFileSync(file, 'utf8').split('\n')).toHaveLength(3 + 3);
});

test('costs come in place of the old file, never into it, and nothing is left where that fails', () => {
  const folder = temporaryFolder();
  const file = join(folder, 'costs.json');
  writeCosts(file, []);
  // The new text in place of the old one, and not written into it.
  const before = statSync(file).ino;
  linkSync(file, join(folder, 'old'));
  writeCosts(file, []);
  expect(statSync(file).ino).not.toBe(before);
  mkdirSync(join(folder, 'taken.json'));
  expect(() => writeCosts(join(folder, 'taken.json'), [])).toThrow('EISDIR');
  expect(readdirSync(folder).sort()).toEqual(['costs.json', 'old', 'taken.json']);
});

test.each(['nothing of the kind', '{"costs": 3}', '[]'])('a file that holds %s is refused with the remedy', (text) => {
  const file = join(temporaryFolder(), 'costs.json');
  writeFileSync(file, text);
  expect(() => readCosts(file)).toThrow(StageDefinitionError);
  expect(() => readCosts(file)).toThrow(/to hold costs of stages. Write it anew: npx stillhouse store costs/);
});

test('those of the project know a student and the noise losses, and no folder of a machine', () => {
  const stages = new Set(knownCosts().map(({ stage }) => stage));
  expect([...stages]).toEqual(expect.arrayContaining(['noise-losses', 'student', 'fine-tuned-prior']));
  for (const { fields } of knownCosts()) for (const value of Object.values(fields)) expect(value).not.toMatch(/^"\//);
});
