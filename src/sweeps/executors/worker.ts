/** A worker process: takes one task after another from its parent, and ends with it. */
import type { OnProgress } from '../../common';
import { asError } from '../errors';
import { type FromWorker, sentError, type ToWorker } from './messages';
import { perform } from './perform';

let aborter = new AbortController();

process.on('message', (message: ToWorker) => {
  if (message.type === 'abort') aborter.abort(new Error('the run was interrupted'));
  else void work(message);
});
// The parent is gone: nobody waits for the result, and the next run finds what is in the store.
process.on('disconnect', () => process.exit(0));
process.on('unhandledRejection', (reason) => {
  process.stderr.write(`Unhandled rejection in a worker: ${asError(reason).stack}\n`);
});
// Ctrl-C reaches the whole process group; the parent decides what to do about it.
process.on('SIGINT', () => undefined);
send({ type: 'ready' });

async function work({ task, store, sources }: ToWorker & { type: 'task' }): Promise<void> {
  aborter = new AbortController();
  try {
    await perform(task, store, sources, {
      signal: aborter.signal,
      onProgress: throttled((progress) => send({ type: 'progress', progress })),
      log: (line) => send({ type: 'log', line }),
    });
    send({ type: 'done' });
  } catch (error) {
    send({ type: 'error', error: sentError(error) });
  }
}

function send(message: FromWorker): void {
  if (process.connected) process.send?.(message);
}

/** At most ten a second, as a stage may report every image; and the end, without which a display would wait for it. */
function throttled(report: OnProgress): OnProgress {
  let last = Number.NEGATIVE_INFINITY;
  return (progress) => {
    if (performance.now() - last < 100 && progress.done < progress.total) return;
    last = performance.now();
    report(progress);
  };
}
