/** Wraps timers: an interrupted cell can't start new ones and its intervals end, which stops its asynchronous loops. */
import { currentRun, Interrupted, type Run, throwIfInterrupted } from './runs';

/** Weak, because a run that nothing else refers to starts and stops no timer any more. */
const intervals = new WeakMap<Run, Set<NodeJS.Timeout>>();

/** Wraps the global timers. */
export function installTimers(): void {
  const { setTimeout: timeout, setInterval: interval, setImmediate: immediate } = globalThis;
  const guarded = <F extends (...args: never[]) => unknown>(original: F): F => {
    const wrapped = (...args: Parameters<F>) => {
      throwIfInterrupted();
      return original(...args);
    };
    return Object.assign(wrapped as unknown as F, promisified(original));
  };
  globalThis.setTimeout = guarded(timeout);
  globalThis.setImmediate = guarded(immediate);
  const tracked = (...args: Parameters<typeof setInterval>) => {
    throwIfInterrupted();
    const timer = interval(...args);
    const run = currentRun();
    if (run) {
      if (!intervals.has(run)) intervals.set(run, new Set());
      intervals.get(run)!.add(timer);
    }
    return timer;
  };
  globalThis.setInterval = tracked as typeof setInterval;
}

/** Stops an interrupted run: fires its signal, clears its intervals, makes its next await throw. */
export function stopRun(run: Run): void {
  run.interrupted = true;
  if (!run.abort.signal.aborted) run.abort.abort(new Interrupted());
  for (const timer of intervals.get(run) ?? []) clearInterval(timer);
  intervals.delete(run);
}

/** Keeps the symbol that `util.promisify(setTimeout)` looks for. */
function promisified(original: object): object {
  const symbol = Symbol.for('nodejs.util.promisify.custom');
  const custom = (original as Record<symbol, unknown>)[symbol];
  return custom === undefined ? {} : { [symbol]: custom };
}
