/** Keeps Node's internal symbols out of what `inspect` and `console` show, and shows values that throw when inspected. */
import { inspect } from 'node:util';
import { inspectSafely, isInterrupted } from './values';

/** Symbols that Node adds to promises and timers for async_hooks and AsyncLocalStorage. */
const MARKS = /^(?:kResourceStore|(?:trigger_)?async_id_symbol|asyncId|triggerId|destroyed)$/;

type Print = (...args: unknown[]) => void;

/** Makes promises, timers and values that throw print cleanly. */
export function installInspection(): void {
  define(Promise.prototype, function hideMarks() {
    for (const symbol of Object.getOwnPropertySymbols(this)) {
      // Hidden, but still there for Node.
      if (MARKS.test(symbol.description ?? '')) Reflect.defineProperty(this, symbol, { enumerable: false });
    }
    return this; // Node then inspects the promise as usual.
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

/** Wraps a console method: if a value throws when inspected, the rest of it is printed. */
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
