/**
 * One member of a job array: does its pack's tasks, skipping what the store already has. Started by Slurm as
 * `pack-worker.ts FOLDER INDEX`; started twice (a requeue, an orphan of a lost node) it does no harm.
 */
import { readFileSync } from 'node:fs';
import { EditedCodeError } from '../../errors';
import { Store } from '../../store/store';
import { sentError } from '../messages';
import { perform } from '../perform';
import { type Pack, packPath, writeExit } from './array';

const [folder = '', text = '0'] = process.argv.slice(2);
const index = Number(text);
const pack = JSON.parse(readFileSync(packPath(folder, index), 'utf8')) as Pack;
const store = new Store(pack.store);
// Before any stage's module loads TensorFlow.
process.env.STILLHOUSE_THREADS = String(pack.threads);
process.env.OMP_NUM_THREADS = String(pack.threads);

const aborter = new AbortController();
/** Why the rest is left, where nobody starts the pack again. */
let leaving: string | undefined;
for (const [signal, reason] of [
  ['SIGUSR1', 'the time limit is near'],
  ['SIGTERM', 'Slurm wants the node back'],
] as const) {
  process.on(signal, () => {
    console.log(`${signal}: ${reason}.`);
    if (signal === 'SIGUSR1') leaving ??= 'its time limit was near';
    aborter.abort(new Error(reason));
    // A stage that doesn't listen is left behind: a task is done when its record is filed, and not before.
    setTimeout(leave, 5000).unref();
  });
}

let current = 0;
for (; current < pack.tasks.length && !aborter.signal.aborted; current++) {
  const { task, sources } = pack.tasks[current]!;
  const keys = task.pieces?.map(({ key }) => key) ?? [task.key];
  const isDone = keys.every((key) => {
    const record = store.record(task.stage, key);
    return record !== undefined && store.available(record);
  });
  try {
    if (!isDone) {
      await perform(task, pack.store, sources, {
        signal: aborter.signal,
        onProgress: () => undefined,
        log: (line) => console.log(line),
      });
    }
    writeExit(folder, index, current, { status: 'done' });
  } catch (error) {
    if (aborter.signal.aborted) break;
    const sent = sentError(error);
    console.log(sent.stack);
    writeExit(folder, index, current, { status: 'failed', error: sent });
    if (error instanceof EditedCodeError) {
      leaving = 'its process had loaded code that was edited after the run began';
      current++;
      break;
    }
  }
}
if (aborter.signal.aborted || leaving) leave();
process.exit(0);

/** Where nobody starts the pack again, it says what is left; after SIGTERM it may be queued again, and the queue says so. */
function leave(): never {
  for (let task = current; leaving && task < pack.tasks.length; task++) {
    writeExit(folder, index, task, { status: 'left', reason: leaving });
  }
  process.exit(0);
}
