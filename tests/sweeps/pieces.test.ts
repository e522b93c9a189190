import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { input, mapStage, piecesOf, plan, recordedPieces, run, stage, Store, workBeyond } from '../../src/sweeps';
import { temporaryFolder } from '../helpers/temporary';

const squares = mapStage({
  name: 'pieces-squares',
  version: 1,
  parameters: z.object({ add: z.number() }),
  item: z.number(),
  run: (_context, { add }, items) => items.map((item) => item ** 2 + add),
});
const sum = stage({
  name: 'pieces-sum',
  version: 1,
  parameters: z.object({ times: z.number() }),
  inputs: { squares: input<readonly number[]>() },
  run: (_context, { times }, inputs) => times * inputs.squares.reduce((a, b) => a + b, 0),
});

const of = (items: number[], { add = 0, times = 1 } = {}) =>
  sum.bind({ times }, { inputs: { squares: squares.bind({ add }, { items }) } });

describe('workBeyond', () => {
  it.each([
    ['more items', of([1, 2, 3]), of([1, 2, 3, 4]), [1, 1]],
    ['fewer items', of([1, 2, 3]), of([3]), [0, 1]],
    ['another end', of([1, 2, 3]), of([1, 2, 3], { times: 2 }), [0, 1]],
    ['another beginning', of([1, 2]), of([1, 2], { add: 1 }), [2, 1]],
    ['the same again', of([1, 2]), of([1, 2]), [0, 0]],
  ])('counts what a plan finds to do after the first: %s', async (_, first, second, again) => {
    const work = workBeyond(first, second);
    expect(work.map((line) => line.again)).toEqual(again);
    const store = new Store(temporaryFolder());
    await run(first, { store });
    const { stages } = await plan(second, { store });
    expect(stages.map(({ toRun }) => toRun)).toEqual(again);
    expect(stages.map(({ pieces }) => pieces)).toEqual(work.map(({ pieces }) => pieces));
  });
});

describe('recordedPieces', () => {
  it('has the pieces that the store holds, with their time and machine, and no other', async () => {
    const store = new Store(temporaryFolder());
    const target = of([1, 2, 3]);
    expect(await recordedPieces(target, { store })).toEqual([]);
    await run(target, { store });
    const found = await recordedPieces([target, of([1, 2, 3, 4])], { store });
    expect(found.map(({ stage }) => stage)).toEqual([...Array(3).fill('pieces-squares'), 'pieces-sum']);
    expect(found.map(({ id }) => id)).toEqual(piecesOf(target).map(({ id }) => id));
    for (const { seconds, machine } of found) {
      expect(seconds).toBeGreaterThanOrEqual(0);
      expect(machine).not.toBe('');
    }
  });
});
