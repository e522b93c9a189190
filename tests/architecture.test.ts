/** The shape of the project, held: which folder may import which, how long a file may be, what lies at the top. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const src = join(root, 'src');

/** Folder of src → the folders that it may import. The data flows down this list; src/README.md draws it. */
const mayImport: Record<string, readonly string[]> = {
  common: [],
  engine: ['common'],
  datasets: ['common', 'engine'],
  models: ['common', 'engine', 'datasets'],
  diffusion: ['common', 'engine', 'datasets', 'models'],
  methods: ['common', 'engine', 'datasets', 'models', 'diffusion'],
  evaluation: ['common', 'engine', 'datasets', 'models', 'diffusion', 'methods'],
  charts: ['common', 'engine', 'datasets'],
  sweeps: ['common'],
  experiments: ['common', 'engine', 'datasets', 'models', 'diffusion', 'methods', 'evaluation', 'charts', 'sweeps'],
  kernel: [],
  setup: [],
  doctor: ['engine', 'setup'],
};

/** Files of src itself. What notebooks import must not reach the programs around them. */
const programs = ['kernel', 'setup', 'doctor'];
const libraries = Object.keys(mayImport).filter((folder) => !programs.includes(folder));
const mayImportAtTop: Record<string, readonly string[]> = {
  'index.ts': libraries,
  'cli.ts': Object.keys(mayImport),
  'cli.mjs': ['setup'],
};

/** Folders that are programs, started by a file of theirs: nobody imports them whole. */
const withoutIndex = ['kernel', 'setup'];

/** Files that others may import past the index, which would load TensorFlow: they compute nothing with tensors. */
const doors = ['engine/random', 'engine/progress', 'models/config'];

/** Files over 400 lines, each with the reason. */
const longFiles: Record<string, string> = {};

const files = readdirSync(src, { recursive: true })
  .map(String)
  .filter((file) => /\.(ts|mjs)$/.test(file))
  .sort();
const folders = readdirSync(src).filter((name) => statSync(join(src, name)).isDirectory());

interface Import {
  /** Path in src. */
  from: string;
  /** As written. */
  specifier: string;
  /** Path in src for a relative one. */
  to: string | undefined;
}

const imports: Import[] = files.flatMap((from) =>
  ts.preProcessFile(readFileSync(join(src, from), 'utf8'), true, true).importedFiles.map(({ fileName }) => {
    const to = fileName.startsWith('.') ? relative(src, resolve(src, dirname(from), fileName)) : undefined;
    return { from, specifier: fileName, to };
  }),
);

/** What a module loads as it is loaded itself: statements, and neither types nor an `import('…')`. */
const eagerImports = (text: string): string[] =>
  ts.createSourceFile('module.ts', text, ts.ScriptTarget.ESNext).statements.flatMap((statement) => {
    const specifier =
      ts.isImportDeclaration(statement) && !statement.importClause?.isTypeOnly
        ? statement.moduleSpecifier
        : ts.isExportDeclaration(statement) && !statement.isTypeOnly
          ? statement.moduleSpecifier
          : undefined;
    return specifier && ts.isStringLiteral(specifier) ? [specifier.text] : [];
  });

const folderOf = (path: string) => (path.includes('/') ? path.slice(0, path.indexOf('/')) : undefined);
const fileOf = (to: string) => ['', '.ts', '/index.ts'].map((end) => to + end).find((path) => files.includes(path));
const told = ({ from, specifier }: Import) => `src/${from} imports '${specifier}'`;

describe('imports', () => {
  it('are found', () => {
    expect(imports.length).toBeGreaterThan(100);
  });

  it('go one way', () => {
    const wrong = imports.filter(({ from, to }) => {
      if (to === undefined) return false;
      const target = folderOf(to) ?? (folders.includes(to) ? to : undefined);
      const own = folderOf(from);
      if (own === undefined) return target !== undefined && !(mayImportAtTop[from] ?? []).includes(target);
      return target !== own && (target === undefined || !(mayImport[own] ?? []).includes(target));
    });
    expect(wrong.map(told)).toEqual([]);
  });

  it('of another folder go through its index, or a door that loads no TensorFlow', () => {
    const wrong = imports.filter(({ from, to }) => {
      const target = to && folderOf(to);
      const other = target && target !== folderOf(from) && target !== 'setup' && from !== 'cli.ts'; // a list of programs
      return other && !/^[\w-]+\/index(\.ts)?$/.test(to) && !doors.includes(to);
    });
    expect(wrong.map(told)).toEqual([]);
  });

  it('of files make no circle, those of types included', () => {
    let left = imports.map((one) => ({ ...one, target: one.to && fileOf(one.to) }));
    expect(left.filter(({ to, target }) => to !== undefined && target === undefined).map(told), 'not found').toEqual(
      [],
    );
    // What imports nothing that is left, or is imported by nothing that is left, is in no circle.
    for (let before = 0; before !== left.length; ) {
      before = left.length;
      const [importing, imported] = [new Set(left.map(({ from }) => from)), new Set(left.map(({ target }) => target))];
      left = left.filter(({ from, target }) => target && importing.has(target) && imported.has(from));
    }
    expect(left.map(told)).toEqual([]);
  });

  it('stay inside src', () => {
    expect(imports.filter(({ to }) => to?.startsWith('..')).map(told)).toEqual([]);
  });

  it('of the set-up are Node’s own, since it runs before there are packages', () => {
    const wrong = imports.filter(
      ({ from, to, specifier }) => folderOf(from) === 'setup' && to === undefined && !isBuiltin(specifier),
    );
    expect(wrong.map(told)).toEqual([]);
  });

  it('of the command line come when a command needs them', () => {
    const eager = eagerImports(readFileSync(join(src, 'cli.ts'), 'utf8'));
    expect(eager).toContain('commander');
    expect(eager.filter((specifier) => specifier.startsWith('.'))).toEqual([]);
  });

  it('count as eager in whatever form they are written, but for types and calls', () => {
    const forms = ["import a from './a';", "import {\n  b,\n} from './b';", "import './c';", "export * from './d';"];
    const later = ["const later = () => import('./later');", "import type { T } from './types';"];
    const text = [...forms, ...later].join('\n');
    expect(eagerImports(text)).toEqual(['./a', './b', './c', './d']);
  });
});

describe('folders of src', () => {
  it('are those that the rules know', () => {
    expect(folders.filter((folder) => !(folder in mayImport))).toEqual([]);
  });

  it('have an index, or are programs', () => {
    const without = folders.filter((folder) => !existsSync(join(src, folder, 'index.ts')));
    expect(without.filter((folder) => !withoutIndex.includes(folder))).toEqual([]);
  });
});

describe('files', () => {
  it('have 400 lines at most, or a reason', () => {
    const tests = readdirSync(join(root, 'tests'), { recursive: true }).map(String);
    const all = [
      ...files.map((file) => `src/${file}`),
      ...tests.filter((file) => file.endsWith('.ts')).map((file) => `tests/${file}`),
    ];
    const long = all.filter((file) => readFileSync(join(root, file), 'utf8').split('\n').length > 401);
    expect(long.filter((file) => !(file in longFiles))).toEqual([]);
    expect(
      Object.keys(longFiles).filter((file) => !long.includes(file)),
      'no longer long',
    ).toEqual([]);
  });

  it('of src are half of them shorter than 150 lines', () => {
    const lengths = files.map((file) => readFileSync(join(src, file), 'utf8').split('\n').length).sort((a, b) => a - b);
    expect(lengths[lengths.length >> 1]).toBeLessThan(150);
  });
});

describe('the top level', () => {
  it('holds what it holds by agreement', () => {
    const agreed = [
      ...['notebooks', 'src', 'kernels-config', 'data', 'results', 'tests'],
      ...['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'LICENSE'],
      ...['package.json', 'package-lock.json', 'tsconfig.json', 'biome.json', 'vitest.config.ts'],
    ];
    const there = readdirSync(root).filter((name) => !name.startsWith('.') && name !== 'node_modules');
    expect(there.filter((name) => !agreed.includes(name))).toEqual([]);
  });

  it('names no registry in the lock, so that anybody’s serves', () => {
    expect(readFileSync(join(root, 'package-lock.json'), 'utf8')).not.toContain('"resolved": "http');
  });
});
