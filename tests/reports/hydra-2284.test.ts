/**
 * https://github.com/facebookresearch/hydra/issues/2284
 *
 * Reported: when several jobs of a sweep fail, only the first error is told, and that at the end; of the others neither
 * the terminal nor their logs say anything.
 *
 * Here: a stage that failed was told, with its log. But where a sweep's own `measure` threw, its points were 'missing', as if
 * they had never been tried, without a word of the error; and asking for the results threw for all of them.
 */
import { expect, test } from 'vitest';
import { grid, InProcessExecutor, resultsOf, runSweep, type Settings, sweep } from '../../src/sweeps';
import { parity } from '../sweeps/example-stages';
import { temporaryStore } from '../sweeps/temporary-store';

type Measuring = (value: number) => Readonly<Record<string, number>>;

const sweepOf = (measure: Measuring) =>
  sweep({
    name: 'parities',
    base: { of: 0 } as Settings & { of: number },
    axes: [grid({ of: [1, 2, 3] })],
    target: ({ of }) => parity.bind({ of }),
    measure,
  });

test('a point whose measures cannot be taken has failed, says why, and costs nothing when they can', async () => {
  const store = temporaryStore();
  const executor = new InProcessExecutor(store);
  const seen: string[] = [];
  const onlyEven = sweepOf((rest) => {
    if (rest === 1) throw new TypeError('odd numbers have no half');
    return { rest };
  });
  const { results } = await runSweep(onlyEven, {
    store,
    executor,
    onResults: (_, { status, error }) => seen.push(`${status}: ${error ?? ''}`),
  });
  const told = 'The measures of sweep "parities" could not be taken: odd numbers have no half.';
  expect(results.rows.map(({ status }) => status)).toEqual(['failed', 'done', 'failed']);
  expect(results.rows[0]!.error).toContain(told);
  expect(seen.filter((line) => line.startsWith(`failed: ${told}`))).toHaveLength(2);
  expect((await resultsOf(onlyEven, store)).rows.map(({ status }) => status)).toEqual(['failed', 'done', 'failed']);

  const mended = await runSweep(
    sweepOf((rest) => ({ rest })),
    { store, executor },
  );
  expect(mended.results.rows.map(({ measures }) => measures.rest)).toEqual([1, 0, 1]);
  expect(mended.misses).toBe(0);
});
