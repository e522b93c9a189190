/** Canonical JSON: sorted keys, support for the numbers that JSON lacks, and errors instead of silent losses. */
import { createHash } from 'node:crypto';
import { StageDefinitionError } from './errors';

/** Data that keys are made of, and that small artifacts hold. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Lower-case hex SHA-256 of a text or of bytes. */
export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** A hook for values beyond JSON: returns a replacement, or undefined to refuse the value. */
export type Replace = (value: object, path: string) => Json | undefined;

/**
 * The value as JSON data: keys sorted, undefined fields left out, NaN, ±Infinity and -0 as `{ $number }`.
 * @param what names the value in errors, as in `parameters of stage "score"`
 * @throws StageDefinitionError for functions, symbols, bigints, class instances, undefined in arrays, keys that begin with `$`
 */
export function toJson(value: unknown, what: string, replace: Replace = () => undefined): Json {
  const refuse = (path: string, seen: string): never => {
    throw new StageDefinitionError(
      `Expected ${what} to be plain data (null, booleans, numbers, strings, arrays, objects), got ${seen} at \`${path || '(top)'}\`.`,
    );
  };
  const visit = (item: unknown, path: string): Json => {
    if (item === null || typeof item === 'boolean' || typeof item === 'string') return item;
    if (typeof item === 'number') {
      if (Number.isFinite(item) && !Object.is(item, -0)) return item;
      return { $number: Object.is(item, -0) ? '-0' : String(item) };
    }
    if (typeof item !== 'object') return refuse(path, item === undefined ? 'undefined' : `a ${typeof item}`);
    const replaced = replace(item, path);
    if (replaced !== undefined) return replaced;
    if (Array.isArray(item)) return Array.from(item, (entry, i) => visit(entry, `${path}[${i}]`));
    const prototype = Object.getPrototypeOf(item) as object | null;
    // Objects from another realm (a notebook cell, a test) have another Object.prototype, itself without a prototype.
    if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
      return refuse(
        path,
        `an instance of ${(item as { constructor?: { name?: string } }).constructor?.name ?? 'a class'}`,
      );
    }
    const fields: Record<string, Json> = {};
    for (const key of Object.keys(item).sort()) {
      const field = (item as Record<string, unknown>)[key];
      if (field === undefined) continue;
      if (key.startsWith('$')) return refuse(path, `a field named "${key}" ($ is kept for references)`);
      fields[key] = visit(field, path ? `${path}.${key}` : key);
    }
    return fields;
  };
  return visit(value, '');
}

/** The inverse of {@link toJson} for what it made; `restore` turns a `$…` object back, or returns undefined. */
export function fromJson(
  json: Json,
  restore: (reference: { readonly [key: string]: Json }) => unknown = () => undefined,
): unknown {
  if (json === null || typeof json !== 'object') return json;
  if (Array.isArray(json)) return json.map((entry: Json) => fromJson(entry, restore));
  const object = json as { readonly [key: string]: Json };
  if (typeof object.$number === 'string') return Number(object.$number);
  const restored = restore(object);
  if (restored !== undefined) return restored;
  return Object.fromEntries(Object.entries(object).map(([key, field]) => [key, fromJson(field, restore)]));
}

/** Canonical text of JSON data: equal data gives equal text, whatever the order of its fields. */
export function canonical(json: Json | undefined): string {
  if (json === undefined || json === null || typeof json !== 'object') return JSON.stringify(json ?? null);
  if (Array.isArray(json)) return `[${json.map((entry: Json) => canonical(entry)).join(',')}]`;
  const fields = Object.entries(json).filter(([, field]) => field !== undefined);
  fields.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([key, field]) => `${JSON.stringify(key)}:${canonical(field)}`).join(',')}}`;
}

/** Freezes plain data all the way down and returns it. */
export function deepFreeze<T>(value: T): T {
  if (value !== null && typeof value === 'object' && !ArrayBuffer.isView(value) && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const field of Object.values(value)) deepFreeze(field);
  }
  return value;
}
