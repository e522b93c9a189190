/** One run of the tests' sweep in a process of its own, to be killed: `child.ts STORE WORKERS PAUSE`. Prints each worker's start. */
import { LocalExecutor, runSweep, Store } from '../../../src/sweeps';
import { ablation } from '../sweep-stages';

const [root = '', workers = '2', pause = '10'] = process.argv.slice(2);
const store = new Store(root);
const executor = new LocalExecutor(store, { workers: Number(workers), threads: Number(workers) });
const { results } = await runSweep(ablation({ pause: Number(pause) }), {
  store,
  executor,
  onEvent: () => process.send?.({ pids: executor.pids }),
});
await executor.close();
process.exit(results.failures.length === 0 ? 0 : 3);
