/**
 * Reader of Python pickles that runs no code from them. It supports numbers, strings, lists, tuples, dicts and the few
 * constructors that the caller allows; any other class or function is refused.
 */

/** A dict becomes a Map, a list or tuple an array, None null, bytes a Uint8Array. */
export type PickleValue = unknown;

export interface PickleRules {
  /** Constructors by 'module name', called with their arguments. */
  constructors: ReadonlyMap<string, (...args: PickleValue[]) => PickleValue>;
  /** Resolves a persistent id, which PyTorch uses for storages. */
  persistent?: (id: PickleValue) => PickleValue;
}

/** A pickle that is damaged, or that would build more than plain data. */
export class PickleError extends Error {
  override readonly name = 'PickleError';
}

class Constructor {
  constructor(
    readonly name: string,
    readonly make: (...args: PickleValue[]) => PickleValue,
  ) {}
}

const MARK = Symbol('mark');

/** Reads one pickle from `start`; `end` is the position after it. */
export function unpickle(bytes: Uint8Array, rules: PickleRules, start = 0): { value: PickleValue; end: number } {
  const machine = new Machine(bytes, rules, start);
  return machine.run();
}

class Machine {
  private readonly view: DataView;
  private readonly stack: unknown[] = [];
  private readonly memo = new Map<number, unknown>();

  constructor(
    private readonly bytes: Uint8Array,
    private readonly rules: PickleRules,
    private at: number,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  run(): { value: PickleValue; end: number } {
    try {
      for (;;) {
        const opcode = this.byte();
        if (opcode === 0x2e) return { value: this.pop(), end: this.at };
        const operation = OPERATIONS[String.fromCharCode(opcode)];
        if (!operation) {
          throw new PickleError(
            `Expected data at byte ${this.at - 1}, got the pickle operation 0x${opcode.toString(16)}.`,
          );
        }
        operation(this);
      }
    } catch (error) {
      if (error instanceof RangeError) throw new PickleError('The pickle ends too early.', { cause: error });
      throw error;
    }
  }

  push(value: unknown): void {
    this.stack.push(value);
  }

  pop(): unknown {
    if (this.stack.length === 0) throw new PickleError(`The pickle takes from an empty stack at byte ${this.at}.`);
    return this.stack.pop();
  }

  top(): unknown {
    return this.stack[this.stack.length - 1];
  }

  /** Pops the items above the last mark, and the mark. */
  sinceMark(): unknown[] {
    const mark = this.stack.lastIndexOf(MARK);
    if (mark < 0) throw new PickleError(`The pickle has no mark at byte ${this.at}.`);
    const items = this.stack.splice(mark);
    return items.slice(1);
  }

  remember(index = this.memo.size): void {
    this.memo.set(index, this.top());
  }

  recall(index: number): void {
    if (!this.memo.has(index)) throw new PickleError(`The pickle recalls ${index}, which it did not remember.`);
    this.push(this.memo.get(index));
  }

  byte(): number {
    return this.number(1, (at) => this.view.getUint8(at));
  }
  short(): number {
    return this.number(2, (at) => this.view.getUint16(at, true));
  }
  int(): number {
    return this.number(4, (at) => this.view.getInt32(at, true));
  }
  unsigned(): number {
    return this.number(4, (at) => this.view.getUint32(at, true));
  }
  long(): number {
    return Number(this.number(8, (at) => this.view.getBigUint64(at, true)));
  }
  float(): number {
    return this.number(8, (at) => this.view.getFloat64(at, false));
  }

  private number<T>(size: number, read: (at: number) => T): T {
    const value = read(this.at);
    this.at += size;
    return value;
  }

  take(length: number): Uint8Array {
    if (this.at + length > this.bytes.length) throw new RangeError('past the end');
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  text(length: number): string {
    return new TextDecoder().decode(this.take(length));
  }

  line(): string {
    const end = this.bytes.indexOf(0x0a, this.at);
    if (end < 0) throw new RangeError('past the end');
    const text = this.text(end - this.at);
    this.at++;
    return text;
  }

  /** Little-endian two's complement of any length. */
  integer(length: number): number | bigint {
    let value = 0n;
    const bytes = this.take(length);
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]!);
    value = BigInt.asIntN(8 * Math.max(1, length), value);
    return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
  }

  constructorOf(module: unknown, name: unknown): void {
    const make = this.rules.constructors.get(`${module} ${name}`);
    if (!make) {
      throw new PickleError(
        `Refused to build '${module}.${name}' from a pickle: only plain data and tensors are read. Save the weights alone (a state_dict), best as safetensors.`,
      );
    }
    this.push(new Constructor(`${module}.${name}`, make));
  }

  call(): void {
    const args = this.pop();
    const callee = this.pop();
    if (!(callee instanceof Constructor) || !Array.isArray(args)) {
      throw new PickleError(`Expected a constructor and its arguments at byte ${this.at}.`);
    }
    this.push(callee.make(...args));
  }

  persistent(): void {
    const { persistent } = this.rules;
    if (!persistent) throw new PickleError(`Expected no persistent ids, got one at byte ${this.at}.`);
    this.push(persistent(this.pop()));
  }

  store(pairs: readonly unknown[]): void {
    const dict = this.top();
    if (!(dict instanceof Map)) throw new PickleError(`Expected a dict to fill at byte ${this.at}.`);
    for (let i = 0; i + 1 < pairs.length; i += 2) dict.set(pairs[i], pairs[i + 1]);
  }

  append(items: readonly unknown[]): void {
    const list = this.top();
    if (!Array.isArray(list)) throw new PickleError(`Expected a list to fill at byte ${this.at}.`);
    for (const item of items) list.push(item);
  }
}

/** The supported operations by opcode (Python's pickletools lists all). */
const OPERATIONS: Readonly<Record<string, (m: Machine) => void>> = {
  '\x80': (m) => void m.byte(), // PROTO
  '\x95': (m) => void m.long(), // FRAME
  '(': (m) => m.push(MARK),
  '0': (m) => void m.pop(),
  N: (m) => m.push(null),
  '\x88': (m) => m.push(true),
  '\x89': (m) => m.push(false),
  J: (m) => m.push(m.int()),
  K: (m) => m.push(m.byte()),
  M: (m) => m.push(m.short()),
  '\x8a': (m) => m.push(m.integer(m.byte())), // LONG1
  '\x8b': (m) => m.push(m.integer(m.unsigned())), // LONG4
  G: (m) => m.push(m.float()),
  X: (m) => m.push(m.text(m.unsigned())), // BINUNICODE
  '\x8c': (m) => m.push(m.text(m.byte())), // SHORT_BINUNICODE
  '\x8d': (m) => m.push(m.text(m.long())), // BINUNICODE8
  U: (m) => m.push(m.text(m.byte())), // SHORT_BINSTRING
  T: (m) => m.push(m.text(m.unsigned())), // BINSTRING
  C: (m) => m.push(m.take(m.byte()).slice()), // SHORT_BINBYTES
  B: (m) => m.push(m.take(m.unsigned()).slice()), // BINBYTES
  '}': (m) => m.push(new Map()),
  ']': (m) => m.push([]),
  ')': (m) => m.push([]), // EMPTY_TUPLE
  t: (m) => m.push(m.sinceMark()),
  '\x85': (m) => m.push([m.pop()]),
  '\x86': (m) => m.push([m.pop(), m.pop()].reverse()),
  '\x87': (m) => m.push([m.pop(), m.pop(), m.pop()].reverse()),
  s: (m) => m.store([m.pop(), m.pop()].reverse()),
  u: (m) => m.store(m.sinceMark()),
  a: (m) => m.append([m.pop()]),
  e: (m) => m.append(m.sinceMark()),
  q: (m) => m.remember(m.byte()),
  r: (m) => m.remember(m.unsigned()),
  '\x94': (m) => m.remember(), // MEMOIZE
  h: (m) => m.recall(m.byte()),
  j: (m) => m.recall(m.unsigned()),
  c: (m) => m.constructorOf(m.line(), m.line()), // GLOBAL
  '\x93': (m) => {
    const name = m.pop(); // STACK_GLOBAL
    m.constructorOf(m.pop(), name);
  },
  R: (m) => m.call(),
  // BUILD sets attributes. In plain data that is only an ordered dict's '_metadata', which we don't need.
  b: (m) => void m.pop(),
  Q: (m) => m.persistent(),
};
