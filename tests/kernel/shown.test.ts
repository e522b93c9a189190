import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KernelClient } from './helpers/kernel-client';

let kernel: KernelClient;
beforeAll(async () => {
  kernel = await KernelClient.start();
});
afterAll(async () => {
  expect(await kernel.close()).toBe(0);
});

describe('a promise', () => {
  it('is waited for where it is the last value, and fails the cell if it fails', async () => {
    expect((await kernel.execute('Promise.resolve({ a: 1 })')).text).toBe('{ a: 1 }');
    const later = await kernel.execute(
      'const later = async () => { await 0; console.log("done"); return 7; }; later()',
    );
    expect([later.stdout, later.text]).toEqual(['done\n', '7']);
    expect((await kernel.execute('Promise.resolve()')).outputs.some(({ type }) => type === 'execute_result')).toBe(
      false,
    );
    const failed = await kernel.execute("Promise.reject(new RangeError('no'))");
    expect(failed.reply).toMatchObject({ status: 'error', ename: 'RangeError', evalue: 'no' });
  });

  it('that never ends can be interrupted', async () => {
    const running = kernel.execute('console.log("waits"); new Promise(() => {})');
    await kernel.until(({ content }) => content.text === 'waits\n');
    await kernel.interrupt();
    expect((await running).reply).toMatchObject({ status: 'error', ename: 'Interrupted' });
  });

  it('is printed without the marks of this process', async () => {
    const { stdout } = await kernel.execute(
      'console.log(Promise.resolve(5), [new Promise(() => {})], { p: Promise.resolve(), async: (async () => 1)() })',
    );
    expect(stdout).toBe('Promise { 5 } [ Promise { <pending> } ] { p: Promise { undefined }, async: Promise { 1 } }\n');
    const { text } = await kernel.execute('({ p: Promise.resolve([1]) })');
    expect(text).toBe('{ p: Promise { [ 1 ] } }');
  });
});

describe('a timer', () => {
  it.each([
    ['setTimeout(() => {}, 1000)', 'Timeout { 1000 ms }'],
    ['const every = setInterval(() => {}, 50); clearInterval(every); [every]', '[ Interval { ended } ]'],
    ['setImmediate(() => {})', 'Immediate {}'],
  ])('takes one line: %s', async (code, text) => {
    expect((await kernel.execute(code)).text).toBe(text);
  });
});

describe('a value that throws when it is looked at', () => {
  const proxy =
    'new Proxy({ a: 1 }, new Proxy({}, { get: (_, trap) => () => { throw new Error(String(trap)) } }) as object)';
  const custom = "[Symbol.for('nodejs.util.inspect.custom')]() { throw new Error('inspect') }";
  it.each([
    ["({ get a() { throw new Error('getter') }, b: 1 })", '{ a: [Getter], b: 1 }'],
    [proxy, '{ a: 1 }'],
    [`[${proxy}]`, '[ { a: 1 } ]'],
    [`({ x: 1, ${custom} }).x`, '1'],
    [
      "({ get [Symbol.for('Jupyter.display')]() { throw new Error('display') } })",
      '{ [Symbol(Jupyter.display)]: [Getter] }',
    ],
    ["({ get then() { throw new Error('then') } })", '{ then: [Getter] }'],
  ])('is shown all the same: %s', async (code, text) => {
    const { reply, text: shown } = await kernel.execute(code);
    expect(reply.status).toBe('ok');
    expect(shown).toBe(text);
  });

  it('is shown, and printed, without its own display method', async () => {
    const { stdout, text } = await kernel.execute(`const odd = { x: 1, ${custom} }; console.log('a', odd, 'b'); odd`);
    expect(stdout).toMatch(/^a \{\s+x: 1,[\s\S]*\} b\n$/);
    expect(text).toContain('x: 1');
  });

  it.each([
    "[Symbol.for('Jupyter.display')]() { throw new Error('display') }",
    "async [Symbol.for('Jupyter.display')]() { throw new Error('display') }",
    "[Symbol.for('Jupyter.display')]() { return null }",
    "[Symbol.for('Jupyter.display')]() { return { 'application/json': 1n } }",
    "[Symbol.for('Jupyter.display')]() { return { 'text/html': { toString() { throw 1 } } } }",
  ])('as a rich value is shown as text, and it is said why: %s', async (method) => {
    const { reply, text, stderr } = await kernel.execute(`({ x: 1, ${method} })`);
    expect(reply.status).toBe('ok');
    expect(text).toContain('x: 1');
    expect(stderr).toMatch(/^The value's own display method failed, so it is shown as text\. \w+: /);
  });
});

describe('bytes', () => {
  it('that end inside a character are joined with those that come next', async () => {
    const { stdout } = await kernel.execute(
      "for (const byte of Buffer.from('é😀ü')) process.stdout.write(Buffer.from([byte])); process.stdout.write('|e9', 'utf8'); void 0",
    );
    expect(stdout).toBe('é😀ü|e9');
  });

  it('that never become a character are marked at the end of their cell', async () => {
    expect((await kernel.execute('process.stdout.write(Buffer.from([0x61, 0xc3])); void 0')).stdout).toBe('a\ufffd');
    expect((await kernel.execute("console.log('b')")).stdout).toBe('b\n');
  });

  it('may be given in any encoding', async () => {
    expect(
      (await kernel.execute("process.stdout.write('c3a9', 'hex'); process.stdout.write('6Q==', 'base64'); void 0"))
        .stdout,
    ).toBe('é\ufffd');
    const { reply } = await kernel.execute('process.stdout.write(5 as unknown as string)');
    expect(reply.evalue).toBe('Expected a string or bytes to write, got number. Write String(value).');
  });

  it('half a surrogate pair never reaches a notebook, which could not be saved', async () => {
    const { stdout, text } = await kernel.execute(
      "console.log('\\ud83d', '\\\\ud83d'); '\\ud83d'.length && { s: '\\ud83d' }",
    );
    expect(stdout).toBe('\ufffd \\ud83d\n');
    expect(text).toBe("{ s: '\\ud83d' }");
  });
});

describe('progress on one line', () => {
  it('is shown as a terminal shows it, in few messages', async () => {
    const { outputs, stdout } = await kernel.execute(
      "for (let i = 0; i <= 1000; i++) process.stdout.write(`\\r${(i / 10).toFixed(1)} %`); console.log('\\nready')",
    );
    expect(outputs.filter(({ type }) => type === 'stream').length).toBeLessThan(200);
    expect(stdout.split('\r').at(-1)).toBe('100.0 %\nready\n');
  });

  it('may be drawn with the escapes that readline writes', async () => {
    const { stdout } = await kernel.execute(
      "import * as readline from 'node:readline'; process.stdout.write('long ago'); readline.clearLine(process.stdout, 0); readline.cursorTo(process.stdout, 0); console.log('now')",
    );
    expect(stdout.split('\r').at(-1)).toMatch(/^now *\n$/);
  });
});
