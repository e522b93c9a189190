import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { canonical, codeOf, type Json, sha256 } from '../../src/sweeps';
import { tsxLoader } from '../../src/sweeps/executors/local';
import { normalise } from '../../src/sweeps/stage/source';
import { temporaryFolder } from './temporary-store';

const same = (text: string) => normalise(ts, 'a.ts', text);
const BASE = `import { b } from './b';\nexport const f = (x: number): number[] => { return [x + 1, b({ a: 'q', c: 2 })]; };`;

test.each([
  ['comments', `// why\n${BASE} /* and so on */`],
  ['line breaks', BASE.replaceAll('; ', ';\n\n').replace('{ a:', '{\n  a:')],
  ['quotes', BASE.replaceAll("'q'", '"q"')],
  ['semicolons', BASE.replaceAll(';', '')],
  ['trailing commas', BASE.replace('c: 2 }', 'c: 2, }')],
  ['an arrow function’s parentheses', BASE.replace('(x: number): number[] =>', 'x =>')],
  ['types', BASE.replace('(x: number): number[]', '(x: string)').concat('\ninterface Unused { a: 1 }')],
])('%s do not count', (_name, text) => {
  expect(same(text)).toBe(same(BASE));
});

test.each([
  ['a number', BASE.replace('+ 1', '+ 2')],
  ['an operator', BASE.replace('+ 1', '- 1')],
  ['a string', BASE.replace("'q'", "'Q'")],
  ['an import', BASE.replace('./b', './c')],
  ['const against let', BASE.replace('const', 'let')],
  ['a return', BASE.replace('return ', '')],
])('%s counts', (_name, text) => {
  expect(same(text)).not.toBe(same(BASE));
});

test('array holes, for headers and template texts are told apart', () => {
  const texts = [
    'x = [1,,]',
    'x = [1]',
    'for (;a;) b()',
    'for (a;;) b()',
    'x = `a`',
    'x = `a\x24{b}`',
    'x = `\x24{b}a`',
    '-x',
    '!x',
    'x++',
    '++x',
    'a?.b',
    'a.b',
  ];
  expect(new Set(texts.map(same)).size).toBe(texts.length);
});

test('a module’s code is itself and what it imports, by any relative way, types aside', async () => {
  const folder = temporaryFolder();
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  writeFileSync(join(folder, 'package.json'), '{}');
  mkdirSync(join(folder, 'lib'));
  write('stage.ts', "import { a } from './lib'; import type { T } from './types'; export const s = a as T;");
  write('lib/index.ts', "export * from './deep.js'; export const lazy = () => import('../data.json');");
  write('lib/deep.ts', 'export const a = 1;');
  write('data.json', '{ "x": 1 }');
  write('types.ts', 'export type T = number;');
  const url = pathToFileURL(join(folder, 'stage.ts')).href;
  const before = await codeOf(url);
  expect(Object.keys(before.files)).toEqual(['data.json', 'lib/deep.ts', 'lib/index.ts', 'stage.ts']);

  write('lib/deep.ts', '// a comment of another length\nexport const a = 1');
  expect((await codeOf(url)).hash).toBe(before.hash);
  write('lib/deep.ts', 'export const a = 22;');
  const after = await codeOf(url);
  expect(after.hash).not.toBe(before.hash);
  expect(Object.keys(after.files).filter((name) => after.files[name] !== before.files[name])).toEqual(['lib/deep.ts']);

  expect(Object.keys((await codeOf(url, [])).files)).toEqual(['stage.ts']);
  expect(Object.keys((await codeOf(url, ['./lib/deep'])).files)).toEqual(['lib/deep.ts', 'stage.ts']);
  await expect(codeOf(url, ['./nowhere'])).rejects.toThrow(/found none at .*nowhere/);
});

test('canonical text does not depend on the order of fields, and tells different data apart', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
      const shuffle = (value: unknown): Json =>
        Array.isArray(value)
          ? value.map(shuffle)
          : value !== null && typeof value === 'object'
            ? Object.fromEntries(
                Object.entries(value)
                  .reverse()
                  .map(([key, field]) => [key, shuffle(field)]),
              )
            : (value as Json);
      expect(canonical(shuffle(a))).toBe(canonical(a as Json));
      const equal =
        JSON.stringify(JSON.parse(canonical(a as Json))) === JSON.stringify(JSON.parse(canonical(b as Json)));
      expect(canonical(a as Json) === canonical(b as Json)).toBe(equal);
    }),
  );
});

test('golden: this key material has this hash, on every machine and in every version of format 1', () => {
  const material = { stage: 'score', version: 1, parameters: { b: [1, 0.1, 1e21], a: 'ü' }, inputs: {} };
  expect(canonical(material)).toBe(
    '{"inputs":{},"parameters":{"a":"ü","b":[1,0.1,1e+21]},"stage":"score","version":1}',
  );
  expect(sha256(canonical(material))).toBe('ea7dd484c8029d3d5d4469b0dd9da25995e93b78de111719274ae3bfeb344132');
});

test('a hash that another process worked out is read, with the same answer; a damaged file of them costs only time', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'package.json'), '{}');
  writeFileSync(join(folder, 'b.ts'), 'export const b: number = 1; // one');
  writeFileSync(join(folder, 'a.ts'), "import { b } from './b';\nexport const a = b;");
  const code = pathToFileURL(join(folder, 'a.ts')).href;
  const script = `const { codeOf } = await import(${JSON.stringify(new URL('../../src/sweeps/stage/source.ts', import.meta.url).href)});
    console.log(JSON.stringify(await codeOf(${JSON.stringify(code)})));`;
  const elsewhere = () =>
    spawnSync(process.execPath, ['--import', tsxLoader(), '--input-type=module', '-e', script], { encoding: 'utf8' });
  const mine = await codeOf(code);
  const kept = join(folder, '.stillhouse', 'sources.json');
  expect(Object.keys(JSON.parse(readFileSync(kept, 'utf8')))).toHaveLength(2);
  expect(JSON.parse(elsewhere().stdout)).toEqual(mine);
  writeFileSync(kept, '{"x":');
  expect(JSON.parse(elsewhere().stdout)).toEqual(mine);
  expect(Object.keys(JSON.parse(readFileSync(kept, 'utf8')))).toHaveLength(2);
});
