import { afterEach, beforeEach, expect, test } from 'vitest';
import { lineChart } from '../../../src/charts';
import { liveChart } from '../../../src/experiments/ablations';
import { InProcessExecutor, runSweep, Store } from '../../../src/sweeps';
import { ablation } from '../../sweeps/sweep-stages';
import { temporaryFolder } from '../../helpers/temporary';

interface Shown {
  bundle: Record<string, unknown>;
  options: { displayId?: string; update?: boolean };
}
const CHANNEL = Symbol.for('stillhouse.display');
const notebook = globalThis as unknown as Record<symbol, unknown>;
let shown: Shown[];
let folder: string;
beforeEach(() => {
  shown = [];
  folder = temporaryFolder();
  notebook[CHANNEL] = {
    display: (bundle: Shown['bundle'], options: Shown['options']) => shown.push({ bundle, options }),
  };
});
afterEach(() => {
  delete notebook[CHANNEL];
});

test('a chart in the notebook fills in as runs finish, in one output, and ends with all of them', async () => {
  const counts: number[] = [];
  const live = liveChart(
    (rows) => {
      counts.push(rows.length);
      return lineChart(rows, { x: 'clusters', value: 'accuracy', series: 'patch' });
    },
    { every: 0 },
  );
  const store = new Store(folder);
  await runSweep(ablation({ pause: 30 }), { store, executor: new InProcessExecutor(store), onResults: live.onResults });
  await live.close();
  expect(counts.length).toBeGreaterThan(1);
  expect(counts).toEqual([...counts].sort((a, b) => a - b));
  expect(counts.at(-1)).toBe(12);
  expect(new Set(shown.map(({ options }) => options.displayId)).size).toBe(1);
  expect(shown.map(({ options }) => options.update)).toEqual(shown.map((_, i) => i > 0));
  expect(Object.keys(shown.at(-1)!.bundle).some((mime) => mime.includes('vegalite'))).toBe(true);
});

test('a chart that fails on the last state says so', async () => {
  const live = liveChart(() => {
    throw new Error('no such column');
  });
  const store = new Store(folder);
  const { results } = await runSweep(ablation({ seeds: [0] }), { store, executor: new InProcessExecutor(store) });
  live.onResults(results, results.rows[0]!);
  await expect(live.close()).rejects.toThrow('no such column');
});
