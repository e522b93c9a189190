/** Values that stay loaded in a process between tasks. */

interface Kept {
  value: Promise<unknown>;
  dispose: ((value: never) => void) | undefined;
}

const LIMIT = 4;
const kept = new Map<string, Kept>();

/** The value of that name, made if it isn't there; the least recently used is dropped beyond four. */
export function keep<T>(name: string, make: () => T | Promise<T>, dispose?: (value: T) => void): Promise<T> {
  const found = kept.get(name);
  const entry: Kept = found ?? { value: Promise.resolve().then(make), dispose };
  kept.delete(name);
  kept.set(name, entry);
  // What failed to load is tried again next time.
  if (!found) entry.value.catch(() => kept.delete(name));
  for (const [oldest, { value, dispose: end }] of kept) {
    if (kept.size <= LIMIT) break;
    kept.delete(oldest);
    value.then((old) => end?.(old as never)).catch(() => undefined);
  }
  return entry.value as Promise<T>;
}
