import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { CellCompiler } from '../../src/kernel/compiler/compiler';
import { temporaryFolder } from '../helpers/temporary';
import { cellRunner } from './helpers/cell-runner';
import { ROOT } from './helpers/kernel-client';

const { run, restart } = cellRunner({ language: 'javascript' });
beforeEach(restart);

/** Runs cells of JavaScript; gives the last one's value. */
async function notebook(...cells: string[]): Promise<unknown> {
  let value: unknown;
  for (const cell of cells) value = await run(cell);
  return value;
}

describe('a cell of JavaScript', () => {
  it.each<[string, string[], unknown]>([
    ['changes the type of a variable', ["let now = 1; now += 'hello'; now", 'now = [now]; now'], ['1hello']],
    [
      'makes fields in a constructor',
      ['class Person { constructor(name) { this.name = name } }', "new Person('a').name + new Person('b').nobody"],
      'aundefined',
    ],
    ['adds to an object', ['const o = {}; o.x = 1; o.y = o.x + 1', 'o.y'], 2],
    ['recurs', ['function fib(n) { return n < 2 ? n : fib(n - 1) + fib(n - 2) }', 'fib(10)'], 55],
    ['asks whether there is a name', ['typeof nowhere'], 'undefined'],
    [
      'requires',
      ["const { join } = require('node:path'); const fs = require('fs')", "[join('a', 'b'), typeof fs.statSync]"],
      ['a/b', 'function'],
    ],
    ['imports', ["import { kmeans } from 'ml-kmeans'", 'typeof kmeans'], 'function'],
    ['awaits', ['const got = await Promise.resolve(3); got'], 3],
    ['keeps types that JSDoc states', ['/** @type {number} */\nlet n = 1', 'n = 2; n'], 2],
    [
      'keeps types that JSDoc defines',
      ['/** @typedef {{ a: number }} Point */', '/** @type {Point} */ const p = { a: 1 }; p.a'],
      1,
    ],
    ['is not checked at all', ['// @ts-check\nlet q = 1; q += 1; q'], 2],
  ])('%s', async (_, cells, value) => {
    expect(await notebook(...cells)).toEqual(value);
  });

  it('compiles wherever the sources of its folder lie by their configuration', () => {
    const folder = temporaryFolder();
    const compilerOptions = { rootDir: 'src', outDir: 'lib', declaration: true };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions }));
    mkdirSync(join(folder, 'notebooks'));
    const found = new CellCompiler(join(folder, 'notebooks'), ROOT, { language: 'javascript' }).compile(
      'const a = 1; a',
    );
    expect(found.ok && found.cell.javascript).toContain('return { value: __scope.a };');
    expect(found.ok && found.cell.map).toContain('"mappings"');
  });

  it.each<[string, string[], RegExp]>([
    ['an unknown name', ['nowhere + 1'], /TS2304 Cannot find name 'nowhere'/],
    ['an assignment to nothing', ['implicit = 3'], /TS2304/],
    ['syntax', ['const a = ;'], /TS1109/],
    ['what is TypeScript', ['const a: number = 1'], /TS8010 Type annotations can only be used in TypeScript/],
    ['an assignment to a constant', ['const fixed = 1', 'fixed = 2'], /TS2632 Cannot assign to 'fixed'/],
    ["a variable against its JSDoc's type", ["/** @type {number} */\nlet n = 'x'"], /TS2322/],
    ['the same, in a later cell', ['/** @type {number} */\nlet n = 1', "n = 'x'"], /TS2322/],
    ['an argument against JSDoc', ['/** @param {string} s */ function f(s) { return s }', 'f(1)'], /TS2345/],
    ['a result against JSDoc', ["/** @returns {number} */ function g() { return 'x' }"], /TS2322/],
    [
      'a type that JSDoc defined',
      ['/** @typedef {{ a: number }} Point */', "/** @type {Point} */ const p = { a: 'x' }"],
      /TS2322/,
    ],
    ['everything, where it asks for it', ["// @ts-check\nlet q = 1; q = 'x'"], /TS2322/],
  ])('is refused for %s', async (_, cells, problem) => {
    await expect(notebook(...cells)).rejects.toThrow(problem);
  });
});
