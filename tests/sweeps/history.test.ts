/** What a piece of work will cost, from what was done before. */
import { expect, test } from 'vitest';
import { z } from 'zod';
import { InProcessExecutor, mapStage, plan, run, type Store } from '../../src/sweeps';
import { sha256 } from '../../src/sweeps/canonical';
import { meanCost, PastCosts } from '../../src/sweeps/plan/history';
import { machineName } from '../../src/sweeps/run/task';
import { temporaryStore } from './temporary-store';

interface Training {
  network: string;
  epochs: number;
  seed: number;
}

const here = 'this machine';

/** Files a training that took so many seconds. */
const past = (store: Store, parameters: Training, seconds: number, machine = here): Promise<void> =>
  file(store, 'training', { ...parameters }, seconds, machine);

async function file(
  store: Store,
  stage: string,
  parameters: Record<string, string | number>,
  seconds: number,
  machine: string,
): Promise<void> {
  const key = sha256(JSON.stringify([parameters, seconds, machine]));
  const material = { stage, version: 1, code: key, parameters, inputs: {} };
  const finished = new Date(0).toISOString();
  await store.file({ format: 1, key, material, output: key, document: '1', blobs: [], seconds, machine, finished });
}

test('the past counts where numbers are the same, then where names are; seeds say nothing', async () => {
  const store = temporaryStore();
  await past(store, { network: 'small', epochs: 10, seed: 0 }, 1);
  await past(store, { network: 'large', epochs: 10, seed: 1 }, 5);
  await past(store, { network: 'large', epochs: 300, seed: 2 }, 150);
  const costs = new PastCosts(store, here);
  const median = (parameters: Training) => costs.alike('training', { ...parameters })?.median;
  expect(median({ network: 'small', epochs: 10, seed: 2 })).toBe(1);
  expect(median({ network: 'large', epochs: 10, seed: 2 })).toBe(5);
  expect(median({ network: 'small', epochs: 300, seed: 0 })).toBe(150);
  expect(costs.alike('never ran', {})).toBeUndefined();
});

test('records of this machine count, those of others only without any', async () => {
  const store = temporaryStore();
  const parameters = { network: 'small', epochs: 10, seed: 0 };
  await past(store, parameters, 9, 'another');
  expect(new PastCosts(store, here).alike('training', { ...parameters })).toMatchObject({ median: 9, here: false });
  await past(store, parameters, 2);
  expect(new PastCosts(store, here).alike('training', { ...parameters })).toMatchObject({ median: 2, here: true });
});

test('several costs as one are their mean by the number of pieces', () => {
  const cost = (seconds: number, isHere = true) => ({
    ...{ low: seconds / 2, median: seconds, high: 2 * seconds, bytes: 100 * seconds, n: 3, here: isHere },
  });
  expect(
    meanCost([
      { cost: cost(1), pieces: 3 },
      { cost: cost(5, false), pieces: 1 },
    ]),
  ).toEqual({
    ...{ low: 1, median: 2, high: 4, bytes: 200, n: 6, here: false },
  });
  expect(meanCost([{ cost: cost(1), pieces: 0 }])).toBeUndefined();
});

const pauses = mapStage({
  name: 'pauses',
  version: 1,
  code: import.meta.url,
  uses: [],
  parameters: z.object({ milliseconds: z.int() }),
  unkeyed: z.object({ pauses: z.int() }).optional(),
  amount: (_, unkeyed) => unkeyed?.pauses,
  item: z.int(),
  batch: 1,
  run: async (_, __, items) => [...items],
});

test('a plan reckons each node by work like its own, not by the stage as a whole', async () => {
  const store = temporaryStore();
  for (const milliseconds of [10, 200]) {
    await file(store, 'pauses', { milliseconds }, milliseconds / 1000, machineName());
  }
  const seconds = async (milliseconds: number, items: number[]) =>
    (await plan([pauses.bind({ milliseconds }, { items })], { store, workers: 1, threads: 1 })).seconds.median;
  // The stage's median alone would make them alike.
  expect(await seconds(10, [4, 5, 6, 7, 8, 9, 10, 11, 12, 13])).toBeCloseTo(0.1);
  expect(await seconds(200, [1, 2])).toBeCloseTo(0.4);
});

test('a plan reckons with the amount of work that a stage tells from its settings', async () => {
  const store = temporaryStore();
  const bound = (count: number, item: number) =>
    pauses.bind({ milliseconds: 50 }, { items: [item], unkeyed: { pauses: count } });
  await run(bound(2, 0), { store, executor: new InProcessExecutor(store) });
  const [record] = store.records('pauses');
  expect(record!.amount).toBe(2);
  const { seconds } = await plan([bound(6, 1)], { store, workers: 1, threads: 1 });
  expect(seconds.median).toBeCloseTo(3 * record!.seconds);
  expect(bound(2, 0).id).toBe(bound(6, 0).id);
});
