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
import { temporaryFolder } from '../helpers/temporary';

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

test('an index that only re-exports is looked through: the files that the names come from count', async () => {
  const folder = temporaryFolder();
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  writeFileSync(join(folder, 'package.json'), '{}');
  for (const name of ['lib', 'lib/nets']) mkdirSync(join(folder, name));
  write(
    'lib/index.ts',
    "// Names\nexport { a, type A } from './a';\nexport * from './nets';\nexport { c } from './c';",
  );
  write('lib/a.ts', "import { helper } from './helper'; export type A = 1; export const a = helper;");
  write('lib/helper.ts', 'export const helper = 1;');
  write('lib/nets/index.ts', "export * from './unet';\nexport * from './resnet';");
  write('lib/nets/unet.ts', 'export class UNet {}');
  write('lib/nets/resnet.ts', 'export class ResNet {}\nexport const { depth, width: [w] } = { depth: 1, width: [2] };');
  write('lib/c.ts', 'export const c = 1;');
  const filesOf = async (text: string) => {
    write('stage.ts', text);
    const { files } = await codeOf(pathToFileURL(join(folder, 'stage.ts')).href);
    return Object.keys(files).filter((name) => name !== 'stage.ts');
  };

  expect(await filesOf("import { a, type A } from './lib'; a;")).toEqual(['lib/a.ts', 'lib/helper.ts']);
  expect(await filesOf("import { UNet as Net } from './lib'; Net;")).toEqual(['lib/nets/unet.ts']);
  expect(await filesOf("import { w } from './lib'; w;")).toEqual(['lib/nets/resnet.ts']);
  expect(await filesOf("import { type A } from './lib'; export const b = 1 as A;")).toEqual([]);
  // All of it, and a name that isn't found: every file behind the index, and the index itself.
  const all = ['a.ts', 'c.ts', 'helper.ts', 'index.ts', 'nets/index.ts', 'nets/resnet.ts', 'nets/unet.ts'];
  const whole = all.map((name) => `lib/${name}`);
  expect(await filesOf("import * as lib from './lib'; lib;")).toEqual(whole);
  expect(await filesOf("import { unknown } from './lib'; unknown;")).toEqual(whole);

  const of = async () => (await codeOf(pathToFileURL(join(folder, 'stage.ts')).href)).hash;
  write('stage.ts', "import { a } from './lib'; a;");
  const before = await of();
  write('lib/new.ts', 'export const fresh = 1;');
  write('lib/index.ts', "export { fresh } from './new';\nexport { a } from './a';\nexport * from './nets';");
  expect(await of(), 'a new name beside it').toBe(before);
  write('lib/index.ts', "export { c as a } from './c';\nexport * from './nets';");
  expect(await of(), 'another thing under the name').not.toBe(before);
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
