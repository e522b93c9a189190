/** Standard output and error of the cells' code, sent with the cell they belong to. */
import { send } from './channel';
import { currentRun } from './runs';

/** Replaces `process.stdout.write` and `process.stderr.write`; what native code writes goes through the pipes. */
export function installOutput(): void {
  for (const name of ['stdout', 'stderr'] as const) {
    const write = (chunk: string | Uint8Array, encoding?: unknown, callback?: unknown): boolean => {
      const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8');
      send({ type: 'stream', run: currentRun()?.run ?? 0, name, text });
      const done = typeof encoding === 'function' ? encoding : callback;
      if (typeof done === 'function') process.nextTick(done);
      return true;
    };
    process[name].write = write as typeof process.stdout.write;
  }
}
