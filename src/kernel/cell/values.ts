/** Safe ways to read values that may throw when they are read: proxies, getters, methods of their own. */
import { inspect, type InspectOptions } from 'node:util';
import { Interrupted } from './runs';

/** The result of `read`; undefined if it throws. Interrupts are rethrown. */
export function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (isInterrupted(error)) throw error;
    return undefined;
  }
}

/** Whether something thrown is the interrupt of a cell. */
export function isInterrupted(thrown: unknown): thrown is Interrupted {
  try {
    return thrown instanceof Interrupted;
  } catch {
    return false; // A proxy that throws.
  }
}

/** Whether something thrown is an Error. Never throws. */
export function isError(thrown: unknown): thrown is Error {
  return attempt(() => thrown instanceof Error) === true;
}

/** A value as text by Node's `inspect`; if that throws, without the value's own methods and getters. */
export function inspectSafely(value: unknown, options: InspectOptions = {}): string {
  return (
    attempt(() => inspect(value, options)) ??
    attempt(() => inspect(value, { ...options, customInspect: false, getters: false })) ??
    `[${typeof value} that can't be shown]`
  );
}

/** A property as text; undefined if it isn't there or can't be read. */
export function textOf(value: object, property: string): string | undefined {
  const found = attempt(() => (value as Record<string, unknown>)[property]);
  return found === undefined ? undefined : (attempt(() => String(found)) ?? inspectSafely(found));
}
