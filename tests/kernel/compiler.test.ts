import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from '../../src/kernel/compiler/compiler';
import { importedModules, importsNothing, loadableEarly, notebookImports } from '../../src/kernel/compiler/imports';
import { complete, inspect, isComplete } from '../../src/kernel/compiler/questions';
import { cellRunner } from './helpers/cell-runner';
import { ROOT } from './helpers/kernel-client';
import { temporaryFolder } from '../helpers/temporary';

const { compiler, run } = cellRunner();

describe('a compiled cell means what its text means', () => {
  it.each<[string, string, unknown]>([
    ['shadowing', 'let s = 1; { let s = 2; s += 1; } const inner = ((s: number) => s * 10)(4); [s, inner]', [1, 40]],
    [
      'patterns with defaults, rests and computed keys',
      "const key = 'k'; const { [key]: v = 3, ...others } = { o: 1 } as { k?: number; o: number }; let [, second = 5, ...tail] = [1, 2, 3, 4]; [v, others, second, tail]",
      [3, { o: 1 }, 2, [3, 4]],
    ],
    [
      'assignment patterns',
      'let p = 0, q = 0; [p, q] = [1, 2]; ({ p, x: q = 7 } = { p: 5 } as { p: number; x?: number }); [p, q]',
      [5, 7],
    ],
    [
      'loops with labels',
      'let turns = 0; outer: for (const i of [1, 2, 3]) { for (const j in { a: 1, b: 2 }) { turns++; if (i === 2) continue outer; } } turns',
      5,
    ],
    [
      'loop variables that are captured',
      'const reads: (() => number)[] = []; for (let i = 0; i < 3; i++) reads.push(() => i); reads.map((read) => read())',
      [0, 1, 2],
    ],
    [
      'var in loops and blocks',
      'for (var w = 0, z = 5; w < 3; w++) {} for (var item of [7, 8]); { var block = w + z; } [w, z, item!, block]',
      [3, 5, 8, 8],
    ],
    ['hoisted functions', 'const early = hoisted(2); function hoisted(n: number): number { return n * 2; } early', 4],
    [
      'overloads and default parameters',
      'function over(a: string): string; function over(a: number): number; function over(a: unknown): unknown { return a; } over(3)',
      3,
    ],
    [
      'functions without a receiver',
      'function self(this: unknown) { return this; } [self(), [self].map((f) => f())[0]]',
      [undefined, undefined],
    ],
    [
      'names of functions and classes',
      'const arrow = () => 1, Anonymous = class {}; function declared() {} [arrow.name, Anonymous.name, declared.name]',
      ['arrow', 'Anonymous', 'declared'],
    ],
    [
      'generators',
      'function* count() { yield 1; yield 2; } async function* later() { yield* count(); } const got: number[] = []; for await (const n of later()) got.push(n); got',
      [1, 2],
    ],
    [
      'classes with everything',
      'abstract class Base { abstract area(): number; #secret = 2; get secret() { return this.#secret; } static made = 0; static { Base.made++; } } class Square extends Base { constructor(private readonly side: number) { super(); } override area() { return this.side ** 2; } } [new Square(3).area(), new Square(1).secret, Base.made]',
      [9, 2, 1],
    ],
    [
      'enums and namespaces',
      'enum Level { Low = 1, High } const enum Fast { On = 4 } namespace Box { export const size = Level.High; export function half() { return size / 2; } } [Level[2], Fast.On, Box.half()]',
      ['High', 4, 1],
    ],
    [
      'optional calls and tagged templates',
      'const maybe = [() => 1][1]; const tag = (s: TemplateStringsArray, ...v: number[]) => s.raw.join("|") + v; [maybe?.(), tag`ab`]',
      [undefined, 'ab'],
    ],
    [
      'object shorthand and accessors',
      'const sh = 1; const o = { sh, get v() { return sh; }, sh2() { return sh; }, [sh]: sh }; [o.sh, o.v, o.sh2(), o[1]]',
      [1, 1, 1, 1],
    ],
    [
      'satisfies, as const and non-null',
      'const cfg = { mode: "a" } as const satisfies { mode: string }; let count: number | undefined = 1; count!++; [cfg.mode, count]',
      ['a', 2],
    ],
    [
      'using',
      'const log: string[] = []; { using d = { [Symbol.dispose]() { log.push("disposed"); } }; log.push("in"); } log',
      ['in', 'disposed'],
    ],
    [
      'awaits in every place',
      'const aw = { a: await 1, b: [await Promise.resolve(2)] }; if (await true) aw.a += await 1; [aw.a, (await Promise.all(aw.b))[0], await (async () => 3)()]',
      [2, 2, 3],
    ],
    [
      'export and export default',
      'export const exported = 1; export function ef() { return exported; } export default ef() + 1',
      2,
    ],
    ['a string on its own', "'use strict'", 'use strict'],
    ['current library functions', '[3, 1].toSorted().concat(Object.entries({ a: 1 }).flat().length)', [1, 3, 2]],
    ['import.meta', 'import.meta.url', 'cell'],
  ])('%s', async (_, source, value) => {
    expect(await run(source)).toEqual(value);
  });

  it('shows nothing for declarations, types and comments', async () => {
    for (const source of ['const nothing = 1', 'interface Only { a: number }', '// a comment', ';', 'if (true) {}']) {
      expect(await run(source)).toBeUndefined();
    }
  });
});

describe('from cell to cell', () => {
  it('types that declarations could not carry go on', async () => {
    await run(
      'const hidden = (() => { class Local { value = 1; } return new Local(); })(); type Id<T> = { id: T }; const table = new Map<string, Id<number>>();',
    );
    expect(
      await run("table.set('a', { id: hidden.value }); const row: Id<number> | undefined = table.get('a'); row?.id"),
    ).toBe(1);
    await expect(run("table.set('a', { id: 'x' })")).rejects.toThrow(
      "Type 'string' is not assignable to type 'number'",
    );
  });

  it('a function sees the newest value of a name it uses', async () => {
    await run('let factor = 2; function scaled(n: number) { return n * factor; }');
    await run('const factor = 10;');
    expect(await run('scaled(3)')).toBe(30);
  });

  it('a variable can be assigned with its type kept, a constant can not', async () => {
    await run("let mode: 'train' | 'test' = 'train'; const fixed = 1;");
    expect(await run("mode = 'test'; mode")).toBe('test');
    await expect(run("mode = 'other'")).rejects.toThrow('is not assignable to type \'"train" | "test"\'');
    await expect(run('fixed = 2')).rejects.toThrow("Cannot assign to 'fixed' because it is a constant");
  });

  it('a name may be declared from its own old value by way of a function', async () => {
    await run('let step = 1; const next = () => step + 1;');
    expect(await run('const step = next(); step')).toBe(2);
  });

  it('what ran before an error is there, what came after is not', async () => {
    await expect(run("const ran = 1; throw new Error('here'); const after = 2;")).rejects.toThrow('here');
    expect(await run('ran')).toBe(1);
    await expect(run('after')).rejects.toThrow("Cannot find name 'after'");
  });

  it('goes on beyond the slots that wait at first', async () => {
    for (let i = 0; i < 70; i++) await run(`const many${i} = ${i};`);
    expect(await run('many0 + many69')).toBe(69);
  });

  it('a class can be extended and a namespace used later', async () => {
    await run('class Animal { speak() { return "…"; } } namespace Zoo { export const size = 3; }');
    expect(
      await run(
        'class Dog extends Animal { override speak() { return super.speak() + "wau"; } } [new Dog().speak(), new Dog() instanceof Animal, Zoo.size]',
      ),
    ).toEqual(['…wau', true, 3]);
  });
});

describe('a problem', () => {
  it('is placed in the lines and columns of the cell', () => {
    const compilation = compiler.compile('const fine = 1;\n  const bad: string = fine;\nnowhere()');
    expect(compilation).toEqual({
      ok: false,
      problems: [
        { code: 2322, message: "Type 'number' is not assignable to type 'string'.", line: 2, column: 9, length: 3 },
        { code: 2304, message: "Cannot find name 'nowhere'.", line: 3, column: 1, length: 7 },
      ],
    });
  });

  it('of syntax comes alone', () => {
    const compilation = compiler.compile('const a = ; unknown()');
    expect(compilation.ok ? [] : compilation.problems.map(({ code }) => code)).toEqual([1109]);
  });
});

describe('a cell that uses nothing imported', () => {
  const cell = (source: string) => {
    const compilation = compiler.compile(source);
    if (!compilation.ok) return compilation.problems.map(({ code }) => code);
    compiler.commit(compilation.cell);
    return compilation.cell.alone ? 'alone' : 'whole';
  };

  it('is checked without what others import, and its names are known to both', () => {
    expect(cell("const plain = 1; import { sep } from 'node:path'; type Count = number")).toBe('alone');
    expect(cell("import { kmeans } from 'ml-kmeans'; const clusters = (k: Count) => kmeans([[0], [1]], k, {})")).toBe(
      'whole',
    );
    expect(cell('const sum: Count = plain + sep.length')).toBe('alone');
    expect(cell('const found = clusters(sum).clusters')).toBe('whole');
    expect(cell('found[0] satisfies number | undefined')).toBe('whole');
  });

  it('no longer is when a name that it uses becomes that of another, and is again after it', () => {
    expect(cell('const plain = clusters(2)')).toBe('whole');
    expect(cell('plain.iterations')).toBe('whole');
    expect(cell("const plain = 'text'")).toBe('alone');
    expect(cell('plain.iterations')).toEqual([2339]);
    expect(cell('plain.length')).toBe('alone');
  });

  it('may use what a cell declares of globals, or a module brings', () => {
    expect(cell('declare global { var broughtIn: number } const marker = 1')).toBe('whole');
    expect(cell('typeof broughtIn')).toBe('whole');
  });

  it.each([
    "await import('sharp')",
    "type S = import('sharp').Sharp",
    "import './x'",
    "export * from 'vega'",
    'await import(`${1}`)',
  ])('does not import: %s', (source) => expect(importsNothing(parse(source))).toBe(false));
});

describe('imports', () => {
  const code =
    "import 'a'; import { b } from './b'; import type C from 'c'; import { type D } from 'd'; import e from 'a';";

  it('are known before the check, those of types apart', () => {
    expect(importedModules(parse(code))).toEqual(['a', './b', 'c', 'd']);
    expect(importedModules(parse(code), { values: true })).toEqual(['a', './b']);
  });

  it('of packages and of the library may be loaded early, of nothing else', () => {
    const modules = ['stillhouse', '@tensorflow/tfjs', '../src/engine', './mine', '../mine', '/mine', 'node:fs', 'fs'];
    expect(loadableEarly(modules, join(ROOT, 'notebooks'), ROOT)).toEqual(modules.slice(0, 3));
  });

  it('of a notebook are read from its file, if it is one', () => {
    const file = join(temporaryFolder(), 'n.ipynb');
    const cells = [
      { cell_type: 'markdown', source: "import 'no'" },
      { cell_type: 'code', source: ["import 'one';\n", 'let x ='] },
      { cell_type: 'code', source: "import 'two'" },
    ];
    writeFileSync(file, JSON.stringify({ cells }));
    expect(notebookImports(file)).toEqual(['one', 'two']);
    expect(notebookImports(import.meta.filename)).toEqual([]);
    expect(notebookImports(`${file}-missing`)).toEqual([]);
  });

  it('that were read ahead are in the program before a cell names them, and stay', () => {
    const files = () => compiler.draft('').service.getProgram()!.getSourceFiles();
    const known = () => files().some(({ fileName }) => fileName.includes('/arquero/'));
    expect(known()).toBe(false);
    compiler.warm(['arquero']);
    expect(known()).toBe(true);
    compiler.reset();
    expect(known()).toBe(true);
    expect(compiler.compile("import { table } from 'arquero'; table(1)").ok).toBe(false);
  });
});

describe('questions', () => {
  it('completion knows members, names of cells and the text after the cursor', async () => {
    await run('/** How hot. */ const kettle = { degrees: 90, drain() {} };');
    expect(complete(compiler, 'kettle.de', 9)).toMatchObject({
      matches: ['degrees'],
      start: 7,
      end: 9,
      types: [{ text: 'degrees', type: 'property' }],
    });
    expect(complete(compiler, 'kett + 1', 4).matches).toEqual(['kettle']);
    expect(complete(compiler, "import { readFileSyn } from 'node:fs'", 20).matches).toContain('readFileSync');
    expect(complete(compiler, "import x from './", 17).matches).not.toContain('.cell-1');
  });

  it('types that came by a namespace are named as cells name them, in documentation and in objections', async () => {
    await run("import * as fs from 'node:fs'");
    const shown = inspect(compiler, 'fs.statSync', 6)?.text;
    expect(shown).toContain('fs.StatSyncFn');
    const found = compiler.compile('const stats: fs.Stats = 3;\nconst text: string = fs.statSync;');
    const said = found.ok ? '' : found.problems.map(({ message }) => message).join('\n');
    expect(said).toMatch(/StatSyncFn/);
    expect(`${shown} ${said}`).not.toContain('__names');
    expect(shown).not.toMatch(/\n(?:import|export) /);
  });

  it('inspection gives type and documentation, within a call too', () => {
    expect(inspect(compiler, 'kettle', 3)?.text).toBe(
      'const kettle: {\n    degrees: number;\n    drain(): void;\n}\n\nHow hot.',
    );
    expect(inspect(compiler, 'Math.max(1, ', 12)?.text).toContain('Returns the larger');
    expect(inspect(compiler, '1 + ', 4)).toBeUndefined();
  });

  it.each([
    ['1 + 1', 'complete'],
    ['', 'complete'],
    ['const a = {', 'incomplete'],
    ['f(1,', 'incomplete'],
    ['`open', 'incomplete'],
    ['/* open', 'incomplete'],
    ['if (a)', 'incomplete'],
    ['let 1a = ;)', 'invalid'],
    [')', 'invalid'],
    ['"open', 'invalid'],
  ])('%j is %s', (source, status) => {
    expect(isComplete(source).status).toBe(status);
  });

  it('an open block asks for an indented line', () => {
    expect(isComplete('for (;;) {\n  if (x) {')).toEqual({ status: 'incomplete', indent: '    ' });
  });
});
