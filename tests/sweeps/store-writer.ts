/** One of many that write the same results into one store at once: `store-writer.ts STORE`. */
import { run, Store } from '../../src/sweeps';
import { numbers } from './example-stages';

const store = new Store(process.argv[2]);
const targets = Array.from({ length: 30 }, (_, i) => numbers.bind({ count: 2000 + (i % 10), start: i }));
await run(targets, { store });
