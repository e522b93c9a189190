/** A notebook's parameters as code that declares them, which can express what JSON can't (NaN, dates, maps). */

/**
 * One `let` per parameter. A parameter that is undefined is left out, so that the notebook's own value stays.
 * @throws TypeError when a name is not an identifier, or a value can't be written as code: a function, an instance of a
 * class, an object that holds itself.
 */
export function parametersCode(parameters: Readonly<Record<string, unknown>>): string {
  return Object.entries(parameters)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => {
      if (!IDENTIFIER.test(name)) {
        throw new TypeError(
          `Expected the name of every parameter to be a valid variable name, got ${JSON.stringify(name)}.`,
        );
      }
      return `let ${name} = ${literal(value, name, [])};`;
    })
    .join('\n');
}

const IDENTIFIER = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;

/** @param within The objects around this value, from the outside in. */
function literal(value: unknown, path: string, within: readonly object[]): string {
  if (typeof value === 'bigint') return `${value}n`;
  if (Object.is(value, -0)) return '-0';
  if (typeof value === 'string') return JSON.stringify(value);
  if (value === null || ['number', 'boolean', 'undefined'].includes(typeof value)) return String(value);
  if (typeof value !== 'object') throw notWritten(value, path);
  if (within.includes(value)) throw new TypeError(`Expected parameter '${path}' not to hold itself.`);
  const inside = (item: unknown, at: string | number) => literal(item, `${path}.${at}`, [...within, value]);
  const list = (items: Iterable<unknown>) => `[${Array.from(items, inside).join(', ')}]`;
  if (value instanceof Date) return `new Date(${JSON.stringify(value) === 'null' ? 'NaN' : JSON.stringify(value)})`;
  if (Array.isArray(value)) return list(value);
  if (value instanceof Map || value instanceof Set) return `new ${value.constructor.name}(${list(value)})`;
  if (ArrayBuffer.isView(value) && Symbol.iterator in value) {
    return `new ${kindOf(value)}(${list(value as Iterable<unknown> & ArrayBufferView)})`;
  }
  const prototype: object | null = Object.getPrototypeOf(value);
  // A plain object may come from another realm, whose Object.prototype has no prototype either.
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) throw notWritten(value, path);
  const pairs = Object.entries(value).map(([key, item]) => `${keyCode(key)}: ${inside(item, key)}`);
  return pairs.length > 0 ? `{ ${pairs.join(', ')} }` : '{}';
}

/** Written in brackets, `__proto__` is a key like any other. */
function keyCode(key: string): string {
  if (key === '__proto__') return '["__proto__"]';
  return IDENTIFIER.test(key) ? key : JSON.stringify(key);
}

/** 'Float32Array'; 'Uint8Array' for a Buffer, whose constructor may not be called. */
const kindOf = (view: ArrayBufferView): string => Object.prototype.toString.call(view).slice(8, -1);

function notWritten(value: unknown, path: string): TypeError {
  const kind = typeof value === 'object' ? `an object of class ${value?.constructor?.name}` : `a ${typeof value}`;
  return new TypeError(
    `Expected parameter '${path}' to be data (numbers, texts, dates, lists, maps, plain objects), got ${kind}. Pass what it is made from.`,
  );
}
