import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import ts from 'typescript';
import { expect, it } from 'vitest';
import { CellCompiler } from '../../src/kernel/compiler/compiler';
import { Outlines } from '../../src/kernel/compiler/outlines';
import { temporaryFolder } from '../helpers/temporary';
import { ROOT } from './helpers/kernel-client';

const library = join(ROOT, 'src') + sep;
const file = join(library, 'x.ts');

const whole = `/** Twice a number. */
export function twice(x: number): number {
  return helper(x);
}
function helper(x: number): number {
  return x * 2;
}
export class Box<T> {
  readonly #secret = 1;
  constructor(private readonly value: T) {}
  get(): T {
    return this.#secret > 0 ? this.value : this.value;
  }
}`;

it('an outline declares what a file exports, with its documentation, and not how it is done', () => {
  const outline = new Outlines({ library }).of(file, whole);
  expect(outline).toContain('/** Twice a number. */\nexport declare function twice(x: number): number;');
  expect(outline).toContain('get(): T;');
  expect(outline).not.toMatch(/helper|return/);
});

it('a file is left as it is where its types can’t be told from it alone, and where it is no part of the library', () => {
  const outlines = new Outlines({ library });
  const inferred = "import { y } from './y';\nexport const x = y();";
  expect(outlines.of(file, inferred)).toBe(inferred);
  for (const other of [join(ROOT, 'notebooks', 'x.ts'), join(library, 'x.d.ts'), join(library, 'x.mjs')]) {
    expect(outlines.of(other, whole)).toBe(whole);
  }
});

it('outlines are kept for the next kernel, made anew for an edited file, and for all if what was kept is damaged', () => {
  const cache = join(temporaryFolder(), 'outlines.json');
  const first = new Outlines({ library, cache });
  const outline = first.of(file, whole);
  first.keep();
  // Found again: what is kept is what the next one gives.
  writeFileSync(cache, readFileSync(cache, 'utf8').replace('Twice a number', 'Kept'));
  expect(new Outlines({ library, cache }).of(file, whole)).toContain('Kept');
  expect(new Outlines({ library, cache }).of(file, `${whole}\nexport const more: number = 1;`)).toContain('more');
  for (const damaged of [readFileSync(cache, 'utf8').slice(0, 100), '{}', 'null']) {
    writeFileSync(cache, damaged);
    expect(new Outlines({ library, cache }).of(file, whole)).toBe(outline);
  }
  // Nowhere to keep them: no kernel fails for that.
  const nowhere = new Outlines({ library, cache: join(cache, 'no', 'folder.json') });
  expect(nowhere.of(file, whole)).toBe(outline);
  nowhere.keep();
});

it('the outlines that are missing can be made a file at a time, before anybody asks', () => {
  const root = temporaryFolder();
  for (const name of ['a.ts', 'b.ts', 'c.d.ts']) writeFileSync(join(root, name), whole);
  const outlines = new Outlines({ library: root + sep });
  outlines.of(join(root, 'a.ts'), whole);
  const steps = outlines.missing();
  expect(steps).toHaveLength(1);
  for (const step of steps) step();
  expect(outlines.missing()).toHaveLength(0);
});

it('cells are checked against outlines as against the files themselves', () => {
  const root = temporaryFolder();
  mkdirSync(join(root, 'src'));
  writeFileSync(join(root, 'src', 'x.ts'), whole);
  const cells = new CellCompiler(root, root);
  const check = (source: string) => {
    const found = cells.compile(source);
    return found.ok ? 'ok' : found.problems.map(({ message }) => message).join();
  };
  expect(check("import { twice } from './src/x'; twice(2) satisfies number")).toBe('ok');
  expect(check("import { Box } from './src/x'; new Box('a').get() satisfies string")).toBe('ok');
  expect(check("import { Box } from './src/x'; new Box('a').value")).toContain("'value' is private");
  expect(check("import { twice } from './src/x'; twice('a')")).toContain("Argument of type 'string'");
});

it('of the library itself, few files are read whole', () => {
  const outlines = new Outlines({ library });
  const files = ts.sys
    .readDirectory(library, ['.ts'])
    .filter((path) => !/[\\/]src[\\/](?:kernel|setup)[\\/]/.test(path));
  const left = files.filter((path) => {
    const text = readFileSync(path, 'utf8');
    return outlines.of(path, text) === text;
  });
  expect(left.length / files.length).toBeLessThan(0.2);
});
