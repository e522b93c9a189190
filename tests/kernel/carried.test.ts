import { beforeEach, describe, expect, it } from 'vitest';
import { cellRunner } from './helpers/cell-runner';

const { compiler, run, restart } = cellRunner();
beforeEach(restart);

/** Runs cells; gives the last one's value. */
async function notebook(...cells: string[]): Promise<unknown> {
  let value: unknown;
  for (const cell of cells) value = await run(cell);
  return value;
}

describe('plain JavaScript in cells of TypeScript', () => {
  it.each<[string, string[], unknown]>([
    [
      'a list that begins empty',
      ['const list = []; list.push(1)', 'list.push(2)', "list.push('x'); list"],
      [1, 2, 'x'],
    ],
    [
      'a variable that begins as null',
      ['let model = null', 'model = { predict: (n: number) => n * 2 }', 'model.predict(3)'],
      6,
    ],
    ['a variable that begins as nothing', ['var x;', 'x'], undefined],
    ['a variable that begins as nothing and becomes something', ['let y;', 'y = 4', 'y + 1'], 5],
    ['an undefined one', ['let z = undefined', 'z = [1]', 'z.length'], 1],
    ['parameters without types', ['function add(a, b) { return a + b; }', 'add(1, 2)'], 3],
    ['a callback without types', ['const double = (n) => n * 2; double(4)'], 8],
    ['rest and destructured parameters', ['const f = ({ a }, ...rest) => [a, rest.length]; f({ a: 1 }, 2)'], [1, 1]],
    [
      'a recursion without a result type',
      ['function fib(n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }', 'fib(10)'],
      55,
    ],
    ['a property that is known to be null', ['let obj = { x: null }; obj?.x?.z'], undefined],
    ['a caught error', ["let said = ''; try { throw new Error('m') } catch (e) { said = e.message } said"], 'm'],
    ['an index into a list', ['const rows = [[1, 2]]; rows[0][1].toFixed()'], '2'],
    ['a name that is looked up', ['const table = { a: 1 }; const key: string = "a"; table[key]'], 1],
    [
      'a callback whose parameter is narrower',
      ['const each = (f: (row: unknown) => void) => f("a"); let got = ""; each((row: string) => { got = row }); got'],
      'a',
    ],
    ['fields that nobody has set', ['class Box { size: number; } new Box().size'], undefined],
    ['a switch that falls through', ['let n = 0; switch (1 as number) { case 1: n++; case 2: n++; } n'], 2],
    ['a package without types', ["import admZip from 'adm-zip'; typeof admZip"], 'function'],
    ['`this` in a function', ['function self() { return this; } self()'], undefined],
  ])('%s', async (_, cells, value) => {
    expect(await notebook(...cells)).toEqual(value);
  });

  it('keeps its types where it has them, and null is still null', async () => {
    await expect(notebook('const n: number = 1', 'n.length')).rejects.toThrow("Property 'length' does not exist");
    await expect(notebook("const m = 'abc'.match(/b/); m.index")).rejects.toThrow("'m' is possibly 'null'");
    await expect(notebook('let list: number[] = []', "list.push('x')")).rejects.toThrow('not assignable');
    await expect(notebook('const empty = []; empty.push(1); empty[0].nowhere')).rejects.toThrow("'nowhere'");
  });
});

describe('what a cell declares beyond itself', () => {
  it.each<[string, string[], unknown]>([
    ['a global variable', ['declare global { var foo: number }', 'globalThis.foo = 3', 'foo + 1'], 4],
    [
      "a method of the language's own",
      [
        'declare global { interface String { shout(): string } }',
        "String.prototype.shout = function (this: string) { return this.toUpperCase() + '!' }; 0",
        "'a'.shout()",
      ],
      'A!',
    ],
    [
      'two methods from two cells',
      [
        'declare global { interface Array<T> { second(): T } }',
        'declare global { interface Array<T> { third(): T } }',
        'Array.prototype.second = function () { return this[1] }; Array.prototype.third = function () { return this[2] }; 0',
        'const arr = [1, 2, 3]; const both: number[] = [arr.second(), arr.third()]; for (const k of ["second", "third"]) delete Array.prototype[k]; both',
      ],
      [2, 3],
    ],
    [
      'declared again with another type',
      [
        'declare global { var again: number }',
        'declare global { var again: string }',
        "globalThis.again = 'x'",
        'again.length',
      ],
      1,
    ],
    [
      'beside a name of its own',
      ['declare global { var beside: number } const own = 1', 'globalThis.beside = own', 'beside'],
      1,
    ],
    [
      'a variable that exists elsewhere',
      ['globalThis["elsewhere"] = 5; declare const elsewhere: number', 'elsewhere + 1'],
      6,
    ],
    [
      'a function that exists elsewhere',
      ['globalThis["fromElsewhere"] = () => 7; declare function fromElsewhere(): number', 'fromElsewhere()'],
      7,
    ],
    ['`import = require`', ["import fs = require('node:fs')", 'typeof fs.readFileSync satisfies string'], 'function'],
    [
      '`import = name`',
      ['namespace Deep { export namespace In { export const x = 8 } }', 'import In = Deep.In; In.x', 'In.x + 1'],
      9,
    ],
  ])('%s holds in later cells', async (_, cells, value) => {
    expect(await notebook(...cells)).toEqual(value);
  });

  it('a module that nothing else is known of has the types that a cell gives it', async () => {
    const problems = (source: string) => {
      const found = compiler.compile(source);
      if (found.ok) compiler.commit(found.cell);
      return found.ok ? [] : found.problems.map(({ code, message }) => `TS${code} ${message}`);
    };
    expect(problems("import { f } from 'no-such-module'")[0]).toMatch(/^TS2307 /);
    expect(problems("declare module 'no-such-module' { export function f(n: number): string }")).toEqual([]);
    expect(problems("import { f } from 'no-such-module'; const t: string = f(1)")).toEqual([]);
    expect(problems("import { f } from 'no-such-module'; f('x')")[0]).toMatch(/^TS2345 /);
    expect(problems("declare module 'no-such-module' { export function g(): number }")).toEqual([]);
    expect(problems("import { f } from 'no-such-module'")[0]).toContain("has no exported member 'f'");
    expect(problems("declare module '*.csv' { const text: string; export default text }")).toEqual([]);
    expect(problems("import rows from './rows.csv'; rows.length satisfies number")).toEqual([]);
  });

  it('a path may end in .ts', () => {
    expect(compiler.compile("import { excerpt } from '../src/kernel/excerpt.ts'; excerpt('a', 'b', 1, 1)").ok).toBe(
      true,
    );
  });

  it('adds to the types of a package', async () => {
    for (const source of [
      "declare module 'ml-kmeans' { export interface Mine { a: number } }",
      "import type { Mine } from 'ml-kmeans'; const mine: Mine = { a: 1 }",
    ]) {
      const found = compiler.compile(source);
      expect(found).toMatchObject({ ok: true });
      if (found.ok) compiler.commit(found.cell);
    }
  });

  it('is forgotten with the notebook, and when its cell is not run', async () => {
    expect(compiler.compile('declare global { var never: number } nowhere').ok).toBe(false);
    expect(compiler.compile('never').ok).toBe(false);
    await run('declare global { var once: number }');
    expect(compiler.compile('once').ok).toBe(true);
    compiler.reset();
    expect(compiler.compile('once').ok).toBe(false);
  });

  it('an interface or a namespace of the notebook is replaced, not merged', async () => {
    await run('interface Point { x: number } namespace Space { export const a = 1 }');
    await run('interface Point { y: number } namespace Space { export const b = 2 }');
    expect(await run('const p: Point = { y: 1 }; [p.y, Space.b]')).toEqual([1, 2]);
    expect(compiler.compile('Space.a').ok).toBe(false);
  });
});
