import { writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { KernelClient, ROOT } from './helpers/kernel-client';
import { temporaryFolder } from '../helpers/temporary';

const DISPLAY = "(globalThis as any)[Symbol.for('stillhouse.display')]";
let kernel: KernelClient;
beforeAll(async () => {
  kernel = await KernelClient.start();
});
afterAll(async () => {
  expect(await kernel.close()).toBe(0);
});

describe('a cell', () => {
  it('shows its last expression and nothing for a declaration', async () => {
    expect((await kernel.execute('1 + 1')).text).toBe('2');
    const declaration = await kernel.execute('const declared = 3');
    expect(declaration.outputs.map(({ type }) => type)).toEqual(['status', 'execute_input', 'status']);
    expect((await kernel.execute('declared * 2')).text).toBe('6');
  });

  it('keeps variables, functions, classes, enums and types for later cells, each free to be declared again', async () => {
    await kernel.execute(`
      let count = 1; const { a, b: [c = 5], ...rest } = { a: 1, b: [] as number[], d: 4 };
      function twice(x: number): number { return x * 2; }
      class Point { constructor(readonly x: number) {} static origin = new Point(0); }
      enum Colour { Red = 7 }
      interface Named { name: string }
      type Pair<T> = [T, T];
      for (var i = 0; i < 3; i++) {}`);
    const used = await kernel.execute(`
      count += 1; const named: Named = { name: 'x' }; const pair: Pair<number> = [a, c];
      [count, twice(a), new Point(3).x, Point.origin.x, Colour.Red, named.name, pair, rest.d, i]`);
    expect(used.text).toBe("[ 2, 2, 3, 0, 7, 'x', [ 1, 5 ], 4, 3 ]");
    expect((await kernel.execute("const count = 'again'; count.length")).text).toBe('5');
    expect((await kernel.execute('count')).text).toBe("'again'");
  });

  it('is type-checked before it runs, null strictly and without what only a library wants', async () => {
    const { reply, outputs } = await kernel.execute('console.log("ran");\nconst wrong: string = 1;');
    expect(reply).toMatchObject({ status: 'error', ename: 'TypeScriptError' });
    expect(String(reply.evalue)).toMatch(
      /^TS2322: Type 'number' is not assignable to type 'string'\. \(Cell \[\d+\], line 2\)$/,
    );
    expect(outputs.some(({ type }) => type === 'stream')).toBe(false);
    expect((await kernel.execute("'abc'.match(/b/).index")).reply.evalue).toContain("Object is possibly 'null'");
    expect((await kernel.execute('[1][0].toFixed()')).text).toBe("'1'");
    expect((await kernel.execute('declared = 4')).reply.status).toBe('error');
  });

  it('with type errors runs where it is told to, and is told of them below it', async () => {
    const warned = await kernel.execute("// @ts-errors: warn\nconst odd: number = 'text'; odd");
    expect(warned.text).toBe("'text'");
    expect(warned.stderr).toMatch(
      /^TS2322: Type 'string' is not assignable to type 'number'\.\nCell \[\d+\], line 2\n/,
    );
    expect((await kernel.execute('// @ts-nocheck\nnowhere')).reply.ename).toBe('ReferenceError');
    const silent = await kernel.execute('// @ts-errors: silent\nodd satisfies string; odd');
    expect([silent.text, silent.stderr]).toEqual(["'text'", '']);
    const wrong = await kernel.execute('// @ts-errors: loud');
    expect(wrong.reply.evalue).toContain('Expected refuse, warn or silent in // @ts-errors:, got "loud".');
    expect((await kernel.execute('// @ts-errors: refuse\nodd.length')).reply.ename).toBe('TypeScriptError');
  });

  it.each([
    ['await (async () => 7)()', '7'],
    ['await (1 as any)', '1'],
    ["(await (await import('node:os')).cpus()).length > 0", 'true'],
    ['let sum = 0; for await (const x of [1, Promise.resolve(2)]) sum += x; sum', '3'],
    ['if (await Promise.resolve(true)) { var inIf = await 5; } inIf!', '5'],
    ['[await 1, { x: await 3 }]', '[ 1, { x: 3 } ]'],
    ['await using r = { async [Symbol.asyncDispose]() {} }; 9', '9'],
  ])('may await at its top level: %s', async (code, text) => {
    expect((await kernel.execute(code)).text).toBe(text);
  });

  it('imports packages of every kind with their types', async () => {
    const { text, reply } = await kernel.execute(`
      import { kmeans } from 'ml-kmeans'; import * as vega from 'vega'; import * as vl from 'vega-lite';
      import * as aq from 'arquero'; import sharp, { type Sharp } from 'sharp'; import { readFileSync } from 'node:fs';
      const image: Sharp | undefined = undefined;
      [typeof kmeans, typeof vega.View, typeof vl.compile, aq.table({ x: [1] }).numRows(), typeof sharp, typeof readFileSync, image]`);
    expect(reply).toMatchObject({ status: 'ok' });
    expect(text).toBe("[ 'function', 'function', 'function', 1, 'function', 'function', undefined ]");
  });

  it("imports a package by Deno's name for it, with its types", async () => {
    const { text } = await kernel.execute("import { kmeans } from 'npm:ml-kmeans@7'; typeof kmeans");
    expect(text).toBe("'function'");
    const wrong = await kernel.execute("import { kmeansNot } from 'npm:ml-kmeans'");
    expect(wrong.reply.evalue).toMatch(/no exported member.*kmeansNot/);
  });

  it('loads packages while it is checked, and a script beside the notebook only once it may run', async () => {
    const script = join(temporaryFolder(), 'script.ts');
    writeFileSync(script, 'export const loaded = ((globalThis as { scriptRan?: boolean }).scriptRan = true);');
    const wrong = `import { Command } from 'commander'; import { loaded } from './${relative(ROOT, script)}'; const n: string = 1;`;
    expect((await kernel.execute(wrong)).reply.ename).toBe('TypeScriptError');
    const seen = "[Object.keys(require.cache).some((file) => file.includes('/commander/')), 'scriptRan' in globalThis]";
    // It is loaded beside the check, which may be done first.
    await vi.waitFor(async () => expect((await kernel.execute(seen)).text).toBe('[ true, false ]'), {
      timeout: 20_000,
    });
    const right = await kernel.execute(wrong.replace('string = 1', 'number = 1; [typeof Command, loaded, n]'));
    expect(right.text).toBe("[ 'function', true, 1 ]");
  });

  it('imports TypeScript files relative to its notebook, and a frame in them is named by their own line', async () => {
    const { reply } = await kernel.execute(
      "import { Wire } from './src/kernel/protocol/message';\nnew Wire('k').read([]);",
    );
    expect(reply).toMatchObject({ status: 'error', ename: 'MalformedMessage' });
    const trace = (reply.traceback as string[]).join('\n');
    expect(trace).toMatch(/at Wire\.read \(.*src\/kernel\/protocol\/message\.ts:\d+:\d+\)/);
    expect(trace).toMatch(/at Cell \[\d+\]:2:15/);
  });

  it('reports an error with name, message, frames in cells and the line itself', async () => {
    await kernel.execute("function fails(x: number): never {\n  throw new RangeError('bad ' + x);\n}");
    const { reply, outputs } = await kernel.execute('const before = 1;\nfails(before);');
    expect(reply).toMatchObject({ status: 'error', ename: 'RangeError', evalue: 'bad 1' });
    const trace = (reply.traceback as string[]).join('\n');
    expect(trace).toMatch(/at fails \(Cell \[\d+\]:2:9\)\n {4}at Cell \[\d+\]:2:\d/);
    expect(trace).toContain("> 2 |   throw new RangeError('bad ' + x);");
    expect(outputs.find(({ type }) => type === 'error')?.content).toMatchObject({ ename: 'RangeError' });
    expect((await kernel.execute('before')).text).toBe('1');
  });

  it('fails by a rejection that nobody handles, and the process lives on', async () => {
    const { reply } = await kernel.execute("void Promise.reject(new Error('unheard')); 1");
    expect(reply).toMatchObject({ status: 'error', ename: 'Error', evalue: 'unheard' });
    expect(
      (
        await kernel.execute(
          "setTimeout(() => { throw new Error('late') }, 1); await new Promise((r) => setTimeout(r, 30))",
        )
      ).reply,
    ).toMatchObject({ status: 'error', evalue: 'late' });
    expect((await kernel.execute('declared')).text).toBe('3');
  });
});

describe('cells that wait behind one that fails', () => {
  const outcomes = async (codes: string[], options = {}) =>
    (await Promise.all(codes.map((code) => kernel.execute(code, options)))).map(({ reply, outputs }) => [
      reply.status,
      outputs.some(({ type }) => type === 'execute_input'),
    ]);

  it('are reported as aborted, not run, and the next one runs', async () => {
    // The first fails only when the others have reached the kernel.
    const later = 'await new Promise((done) => setTimeout(done, 500));';
    const codes = [`${later} throw new Error('first')`, 'Object.assign(globalThis, { ran: 1 })', 'const neverMade = 1'];
    expect(await outcomes(codes)).toEqual([
      ['error', true],
      ['aborted', false],
      ['aborted', false],
    ]);
    expect((await kernel.execute("'ran' in globalThis")).text).toBe('false');
    expect(await outcomes([later, 'const x: string = 1', '1'])).toEqual([
      ['ok', true],
      ['error', true],
      ['aborted', false],
    ]);
  });

  it('run all the same where the front-end wants it', async () => {
    const codes = ["throw new Error('first')", '1', 'nowhere', '2'];
    expect((await outcomes(codes, { stop_on_error: false })).map(([status]) => status)).toEqual([
      'error',
      'ok',
      'error',
      'ok',
    ]);
  });
});

describe('output', () => {
  it('arrives whole and in order from 20,000 lines of one synchronous loop, in few messages', async () => {
    const { stdout, outputs, reply } = await kernel.execute("for (let i = 0; i < 20_000; i++) console.log('line', i)");
    expect(reply.status).toBe('ok');
    expect(stdout).toBe(Array.from({ length: 20_000 }, (_, i) => `line ${i}\n`).join(''));
    expect(outputs.filter(({ type }) => type === 'stream').length).toBeLessThan(200);
  });

  it('keeps the order of text and displays', async () => {
    const { outputs } = await kernel.execute(
      `console.log('a'); ${DISPLAY}.display({ 'text/plain': 'b' }); console.error('c')`,
    );
    expect(outputs.slice(2, -1).map(({ type }) => type)).toEqual(['stream', 'display_data', 'stream']);
  });

  it('includes what child processes write to the descriptors', async () => {
    const { stdout } = await kernel.execute(
      "import { execSync } from 'node:child_process'; execSync('echo from below', { stdio: 'inherit' }); 0",
    );
    expect(stdout).toBe('from below\n');
  });

  it('is a bundle for a value that says how it is shown', async () => {
    const { outputs } = await kernel.execute(
      "({ [Symbol.for('Jupyter.display')]: async () => ({ 'text/html': '<b>x</b>', 'image/png': new Uint8Array([1, 2]), 'application/json': { a: 1 } }) })",
    );
    const data = outputs.find(({ type }) => type === 'execute_result')?.content.data;
    expect(data).toMatchObject({ 'text/html': '<b>x</b>', 'image/png': 'AQI=', 'application/json': { a: 1 } });
    expect(data).toHaveProperty('text/plain');
  });

  it('takes its metadata from the bundle', async () => {
    const sized = `Object.defineProperty({ 'image/png': 'AQI=' }, Symbol.for('stillhouse.metadata'), { value: { 'image/png': { width: 64 } } })`;
    const last = await kernel.execute(`({ [Symbol.for('Jupyter.display')]: () => ${sized} })`);
    const shown = await kernel.execute(`${DISPLAY}.display(${sized})`);
    for (const [{ outputs }, kind] of [
      [last, 'execute_result'],
      [shown, 'display_data'],
    ] as const) {
      const { content } = outputs.find(({ type }) => type === kind)!;
      expect(content.metadata).toEqual({ 'image/png': { width: 64 } });
    }
  });

  it('leaves out what TensorFlow says of itself at each start, and keeps what else a library writes', async () => {
    const { reply, stderr } = await kernel.execute(
      "await import('@tensorflow/tfjs-node-gpu' as string); (await import('node:fs')).writeSync(2, 'I0000 a warning\\n')",
    );
    expect(reply.status).toBe('ok');
    expect(stderr).toBe('I0000 a warning\n');
  });

  it('can be updated in place and cleared', async () => {
    const { outputs } = await kernel.execute(`const d = ${DISPLAY};
      d.display({ 'text/plain': '0%' }, { displayId: 'bar' }); d.display({ 'text/plain': '100%' }, { displayId: 'bar', update: true }); d.clearOutput({ wait: true })`);
    expect(outputs.slice(2, -1).map(({ type, content }) => [type, content.transient ?? content.wait])).toEqual([
      ['display_data', { display_id: 'bar' }],
      ['update_display_data', { display_id: 'bar' }],
      ['clear_output', true],
    ]);
  });

  it('of tslab goes through this kernel', async () => {
    const { outputs, reply } = await kernel.execute(
      "import * as tslab from 'tslab'; const h = tslab.newDisplay(); h.html('<i>1</i>'); h.html('<i>2</i>'); tslab.display.png(new Uint8Array([1]))",
    );
    expect(reply.status).toBe('ok');
    const shown = outputs.filter(({ type }) => type.endsWith('display_data'));
    expect(shown.map(({ type }) => type)).toEqual(['display_data', 'update_display_data', 'display_data']);
    expect(shown[2]?.content.data).toEqual({ 'image/png': 'AQ==' });
  });
});
