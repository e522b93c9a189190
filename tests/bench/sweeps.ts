/**
 * What the machinery of sweeps costs: `node --import tsx tests/bench/sweeps.ts [STAGES=10000]`. Expected on two idle cores:
 * at most 20 ms a no-op stage in worker processes, a warm plan of 10,000 stages in at most 2 s. Takes about two minutes.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { InProcessExecutor, LocalExecutor, plan, runSweep, Store, sweep } from '../../src/sweeps';
import { after, noop } from '../sweeps/noop-stages';

const count = Number(process.argv[2] ?? 10_000);
const folder = mkdtempSync(join(tmpdir(), 'stillhouse-bench-'));

/** Half of the stages feed the other half, one each. */
const stages = () =>
  sweep({
    name: 'no-ops',
    base: { i: 0 },
    axes: [Array.from({ length: count / 2 }, (_, i) => ({ i }))],
    target: ({ i }) => after.bind({ i }, { inputs: { before: noop.bind({ i }) } }),
  });

const rows: { what: string; seconds: string; 'ms a stage': string }[] = [];
async function measure(what: string, work: () => Promise<unknown>): Promise<void> {
  const started = performance.now();
  await work();
  const milliseconds = performance.now() - started;
  rows.push({ what, seconds: (milliseconds / 1000).toFixed(2), 'ms a stage': (milliseconds / count).toFixed(3) });
  console.log(rows.at(-1));
}

try {
  console.log(`${count} no-op stages; ${cpus().length} × ${cpus()[0]?.model}, load ${loadavg()[0]?.toFixed(1)}`);
  const store = new Store(join(folder, 'workers'));
  await measure('declare', async () => stages());
  const made = stages();
  await measure('cold plan', () => plan(made, { store }));
  await measure('run, 2 worker processes', async () => {
    const executor = new LocalExecutor(store, { workers: 2, threads: 2 });
    const { results } = await runSweep(made, { store, executor });
    await executor.close();
    if (results.rows.some(({ status }) => status !== 'done')) throw new Error('not all stages ran');
  });
  await measure('warm plan', () => plan(made, { store }));
  await measure('warm plan, explained', () => plan(made, { store, explain: true }));
  await measure('run again, all hits', async () => {
    const { misses } = await runSweep(made, { store, executor: new InProcessExecutor(store) });
    if (misses > 0) throw new Error(`${misses} stages ran again`);
  });
  const own = new Store(join(folder, 'in-process'));
  await measure('run, in this process', () => runSweep(made, { store: own, executor: new InProcessExecutor(own) }));
  console.table(rows);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
