import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KernelClient } from './helpers/kernel-client';

let kernel: KernelClient;
beforeAll(async () => {
  kernel = await KernelClient.start();
});
afterAll(async () => {
  expect(await kernel.close()).toBe(0);
});

const throwing =
  "{ get() { throw new Error('get') }, getPrototypeOf() { throw 1 }, has() { throw 2 }, ownKeys() { throw 3 } }";

/** Things that a cell may throw, as expressions of TypeScript. */
const THINGS = [
  'undefined',
  'null',
  '0n',
  "Symbol('s')",
  "'text'",
  '() => 1',
  'Object.create(null)',
  "Object.freeze(new Error('frozen'))",
  `new Proxy(new Error('p'), ${throwing})`,
  `new Proxy(() => 0, ${throwing})`,
  "Object.defineProperty(new Error('m'), 'stack', { get() { throw new Error('stack') } })",
  "Object.defineProperty(new Error('m'), 'message', { get() { throw new Error('message') } })",
  "Object.defineProperty(new Error('m'), 'name', { get() { throw new Error('name') } })",
  "Object.assign(new Error('m'), { stack: 5, name: Symbol('n'), message: Object.create(null) })",
  "Object.assign(new Error('m'), { get cause() { throw 1 } })",
  "Object.defineProperty(new Error('m'), 'cause', { get() { throw 1 } })",
  "(() => { const e: any = new Error('c'); e.cause = e; return e })()",
  "(() => { const a: any = new Error('a'), b: any = new Error('b', { cause: a }); a.cause = b; return b })()",
  "(() => { const e: any = new AggregateError([], 'a'); e.errors = [e, e]; return e })()",
  `Object.assign(new AggregateError([], 'a'), { errors: new Proxy([], ${throwing}) })`,
  "Object.assign(new Error('m'), { errors: { [Symbol.iterator]: 1 } })",
  "{ toString() { throw 1 }, [Symbol.for('nodejs.util.inspect.custom')]() { throw 2 }, get name() { throw 3 } }",
  '{ then() { throw 1 } }',
  "Object.setPrototypeOf({ message: 'no prototype' }, null)",
  'Object.create(Error.prototype)',
];

describe('a cell that throws', () => {
  const ways = [
    (thing: string) => `throw ${thing}`,
    (thing: string) => `void Promise.reject(${thing}); 1`,
    (thing: string) => `Promise.reject(${thing})`,
    (thing: string) => `setTimeout(() => { throw ${thing} }, 1); await new Promise((r) => setTimeout(r, 20))`,
    (thing: string) => `await (async () => { throw ${thing} })()`,
    (thing: string) => `throw new Error('outer', { cause: ${thing} })`,
    (thing: string) => `throw new AggregateError([${thing}, 1], 'several')`,
  ];
  const cells = THINGS.flatMap((thing) => ways.map((way) => way(/^\{/.test(thing) ? `(${thing})` : thing)));

  it(`ends with a reply and an error, whatever it throws and however (${cells.length} cells)`, async () => {
    for (const code of ['// @ts-errors: silent', ...cells]) {
      const { reply, outputs } = await kernel.execute(code);
      if (code.startsWith('//')) continue;
      expect([code, reply.status]).toEqual([code, 'error']);
      expect(typeof reply.ename).toBe('string');
      expect(outputs.filter(({ type }) => type === 'error')).toHaveLength(1);
    }
    expect((await kernel.execute('1 + 1')).text).toBe('2');
  });

  it('ends when properties of an error are any values', async () => {
    const value = fc.oneof(fc.jsonValue(), fc.constantFrom('@symbol', '@null', '@getter', '@self'));
    const shape = fc.record(
      { name: value, message: value, stack: value, cause: value, errors: value },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(shape, async (properties) => {
        const code = `const e: any = new Error('e'); const odd: any = { '@symbol': Symbol('s'), '@null': Object.create(null), '@self': e };
          for (const [key, value] of Object.entries(${JSON.stringify(properties)})) Object.defineProperty(e, key,
            value === '@getter' ? { get() { throw new Error('getter') } } : { value: typeof value === 'string' && value in odd ? odd[value] : value });
          throw e`;
        expect((await kernel.execute(code)).reply.status).toBe('error');
      }),
      { numRuns: 40 },
    );
  });

  it('nothing to a promise that nobody handles fails by it', async () => {
    const { reply } = await kernel.execute('void Promise.reject(undefined); 1');
    expect(reply).toMatchObject({ status: 'error', ename: 'Thrown', evalue: 'undefined' });
  });
});

describe('an error', () => {
  const trace = async (code: string) => ((await kernel.execute(code)).reply.traceback as string[]).join('\n');

  it('is shown with its cause, and the cause of that', async () => {
    const shown = await trace("throw new Error('outer', { cause: new TypeError('inner', { cause: 'deep' }) })");
    expect(shown).toMatch(/^Error: outer[\s\S]*Caused by:\nTypeError: inner[\s\S]*Caused by:\nThrown: 'deep'$/);
    expect(await trace("throw new Error('o', { cause: undefined })")).toMatch(/Caused by:\nThrown: undefined$/);
    expect(await trace("throw new Error('no cause')")).not.toContain('Caused by');
  });

  it('of several is shown with its parts, ten of them', async () => {
    const few = await trace("throw new AggregateError([new RangeError('one'), 'two'], 'several')");
    expect(few).toMatch(
      /^AggregateError: several[\s\S]*Error 1 of 2:\nRangeError: one[\s\S]*Error 2 of 2:\nThrown: 'two'$/,
    );
    const many = await trace(
      "throw new AggregateError(Array.from({ length: 300 }, (_, i) => new Error(`n${i}`)), 'many')",
    );
    expect(many).toContain('Error 10 of 300:\nError: n9');
    expect(many).not.toContain('Error 11 of 300');
    expect(
      await trace("await Promise.any([Promise.reject(new Error('a')), Promise.reject(new Error('b'))])"),
    ).toContain('Error 2 of 2:\nError: b');
  });

  it('that leads to itself is shown once', async () => {
    expect(await trace("const e: any = new Error('round'); e.cause = e; throw e")).toMatch(
      /Caused by: the same error again\.$/,
    );
  });

  it('of a disposal is shown with the one that it suppressed', async () => {
    const shown = await trace(
      "using held = { [Symbol.dispose]() { throw new Error('dispose') } }; throw new Error('body')",
    );
    expect(shown).toMatch(/Thrown:\nError: dispose[\s\S]*Suppressed:\nError: body/);
  });

  it('of a timer or a promise after the end of its cell is shown with its name, among its outputs', async () => {
    const { reply } = await kernel.execute(
      "setTimeout(() => { throw new Error('late timer') }, 30); setTimeout(() => void Promise.reject(new Error('late promise')), 40); 0",
    );
    const cell = `Cell [${reply.execution_count}]`;
    const other = await kernel.execute('await new Promise((r) => setTimeout(r, 120)); 1');
    expect(other.reply.status).toBe('ok');
    expect(other.stderr).toBe('');
    for (const message of ['late timer', 'late promise']) {
      const { content } = await kernel.until(({ content: { text } }) => String(text).includes(message));
      expect(content.text).toContain(`${cell}, after its end: Error: ${message}`);
      expect(content.text).toContain(`at Timeout`);
    }
  });
});
