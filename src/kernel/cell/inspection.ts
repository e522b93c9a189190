/** How `inspect` and `console` show what carries marks of this process, and what refuses to be shown. */
import { inspect } from 'node:util';
import { inspectSafely, isInterrupted } from './values';

/** Symbols by which Node marks what belongs to which cell (async_hooks, AsyncLocalStorage). */
const MARKS = /^(?:kResourceStore|(?:trigger_)?async_id_symbol|asyncId|triggerId|destroyed)$/;

type Print = (...args: unknown[]) => void;

/** Lets promises, timers and values that throw be printed as a person expects. */
export function installInspection(): void {
  define(Promise.prototype, function hideMarks() {
    for (const symbol of Object.getOwnPropertySymbols(this)) {
      // They stay where they are, and still work.
      if (MARKS.test(symbol.description ?? '')) Reflect.defineProperty(this, symbol, { enumerable: false });
    }
    return this; // Node goes on as if nothing were defined.
  });
  const timer = setTimeout(() => undefined, 0);
  clearTimeout(timer);
  define(Object.getPrototypeOf(timer) as object, function oneLine() {
    const { _idleTimeout, _repeat, _destroyed } = this as {
      _idleTimeout: number;
      _repeat: number | null;
      _destroyed: boolean;
    };
    const name = _repeat === null ? 'Timeout' : 'Interval';
    return _destroyed ? `${name} { ended }` : `${name} { ${_repeat ?? _idleTimeout} ms }`;
  });
  const immediate = setImmediate(() => undefined);
  clearImmediate(immediate);
  define(Object.getPrototypeOf(immediate) as object, () => 'Immediate {}');
  const methods = console as unknown as Record<string, Print>;
  for (const name of ['log', 'info', 'debug', 'warn', 'error', 'dir']) methods[name] = patient(methods[name]!);
}

function define(prototype: object, show: (this: object) => unknown): void {
  Object.defineProperty(prototype, inspect.custom, { value: show, writable: true, configurable: true });
}

/** A method of the console that prints what can be printed of a value whose own ways to be shown throw. */
function patient(print: Print): Print {
  return (...args) => {
    try {
      print(...args);
    } catch (error) {
      if (isInterrupted(error)) throw error;
      print(...args.map((arg) => (typeof arg === 'string' ? arg : { [inspect.custom]: () => inspectSafely(arg) })));
    }
  };
}
