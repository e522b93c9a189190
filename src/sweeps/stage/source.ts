/**
 * The identity of a stage's code: its file and everything it imports by relative path, without comments, formatting
 * and types. A folder's index that only re-exports is looked through: what counts is the files that the imported names
 * come from, so that a new file beside them changes no key. Packages don't count: a new version of one that changes
 * results wants a new `version` of the stage.
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type * as TypeScript from 'typescript';
import { sha256 } from '../canonical';
import { StageDefinitionError } from '../errors';
import { projectRoot } from '../store/files';
import { ALL, type Import, importsOf } from './imports';
import { SourceCache, type SourceFacts } from './source-cache';

/** Which code a stage is made of. */
export interface Code {
  /** The project's folder. */
  root: string;
  /** Hash over all its files: part of every key. */
  hash: string;
  /** Normalised hash of each file, by path from the project's folder. */
  files: Record<string, string>;
}

/** A source on this disk: its imports lead to absolute paths. */
interface SourceFile extends SourceFacts {
  stamp: string;
}

const sources = new Map<string, SourceFile>();
const EXTENSIONS = ['', '.ts', '.tsx', '.mts', '.js', '.mjs', '.json', '/index.ts', '/index.js'];

/**
 * Hash of a module and, through its relative imports, of all that it reaches.
 * @param code `import.meta.url` of the module
 * @param uses narrows it: the module's own file and these (paths relative to it, each with what it imports) count, and
 *   nothing else; `[]` is the file alone
 */
export async function codeOf(code: string, uses?: readonly string[]): Promise<Code> {
  const entry = fileURLToPath(code);
  const root = projectRoot(dirname(entry));
  const cache = new SourceCache(root);
  const pending: Import[] = uses ? uses.map((path) => whole(find(resolve(dirname(entry), path), entry))) : [];
  const files = new Map<string, string>();
  const visit = async (path: string, follow: boolean) => {
    const { hash, imports } = await sourceFile(path, cache);
    files.set(path, hash);
    if (follow) pending.push(...imports);
  };
  await visit(entry, uses === undefined);
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const sources = (await sourcesOf(next, cache)) ?? [next.from];
    for (const path of sources) if (!files.has(path)) await visit(path, true);
  }
  cache.save();

  const named = [...files].map(([path, hash]) => [relative(root, path).replaceAll('\\', '/'), hash] as const);
  named.sort(([a], [b]) => (a < b ? -1 : 1));
  return { root, hash: sha256(JSON.stringify(named)), files: Object.fromEntries(named) };
}

/** Identity of a stage that stands in a notebook cell: the text of its function, normalised. What it closes over doesn't count. */
export async function codeOfFunction(run: { toString(): string }): Promise<Code> {
  const hash = sha256(normalise(await typescript(), 'cell.ts', `(${methodAsFunction(run.toString())})`));
  return { root: '', hash: sha256(JSON.stringify([['(cell)', hash]])), files: { '(cell)': hash } };
}

/** The text of a source without what can't change its behaviour: comments, formatting, quotes, types. */
export function normalise(ts: typeof TypeScript, path: string, text: string): string {
  if (path.endsWith('.json')) return JSON.stringify(JSON.parse(text));
  const { outputText } = ts.transpileModule(text, {
    fileName: path,
    compilerOptions: {
      target: ts.ScriptTarget.ESNext,
      module: ts.ModuleKind.ESNext,
      removeComments: true,
      verbatimModuleSyntax: true,
    },
  });
  const file = ts.createSourceFile(path.replace(/\.[cm]?tsx?$/, '.js'), outputText, ts.ScriptTarget.ESNext, true);
  const words: string[] = [];
  const visit = (node: TypeScript.Node) => {
    if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) {
      words.push(JSON.stringify(node.text));
      return;
    }
    const children = node.getChildren(file);
    if (children.length === 0) {
      if (!isOptionalToken(ts, node)) words.push(node.getText(file));
      return;
    }
    // The structure is marked, so that what semicolons and brackets say isn't lost with them.
    words.push(`<${node.kind}`);
    children.forEach((child, i) => {
      const trailing =
        child.kind === ts.SyntaxKind.CommaToken &&
        i === children.length - 1 &&
        !ts.isArrayLiteralExpression(node.parent);
      if (!trailing) visit(child);
    });
    words.push('>');
  };
  visit(file);
  return words.join(' ');
}

/** Tokens that formatters add and take away: a statement's `;`, an arrow function's parentheses. */
function isOptionalToken(ts: typeof TypeScript, node: TypeScript.Node): boolean {
  const { SemicolonToken, OpenParenToken, CloseParenToken } = ts.SyntaxKind;
  if (node.kind === SemicolonToken) return !ts.isForStatement(node.parent);
  return (node.kind === OpenParenToken || node.kind === CloseParenToken) && ts.isArrowFunction(node.parent);
}

const whole = (from: string): Import => ({ from, names: ALL });

/**
 * The files that an import's names come from, through indexes that only re-export. Undefined where one of them isn't
 * found that way, or all of an index is wanted: then the module itself counts, with everything it imports.
 */
async function sourcesOf({ from, names }: Import, cache: SourceCache): Promise<string[] | undefined> {
  const { isIndex, imports } = await sourceFile(from, cache);
  if (!isIndex) return [from];
  if (names === ALL) return undefined;
  const found: string[] = [];
  for (const name of names) {
    const source = await sourceOfName(name, imports, cache);
    if (!source) return undefined;
    found.push(...source);
  }
  return found;
}

async function sourceOfName(name: string, reExports: readonly Import[], cache: SourceCache) {
  const named = reExports.find(({ names }) => names !== ALL && names.includes(name));
  if (named) return sourcesOf({ from: named.from, names: [name] }, cache);
  for (const { from } of reExports.filter(({ names }) => names === ALL)) {
    const { isIndex, exports } = await sourceFile(from, cache);
    const sources = isIndex || exports.includes(name) ? await sourcesOf({ from, names: [name] }, cache) : undefined;
    if (sources) return sources;
  }
  return undefined;
}

async function sourceFile(path: string, cache: SourceCache): Promise<SourceFile> {
  const { mtimeMs, size } = statSync(path);
  const stamp = `${mtimeMs} ${size}`;
  const known = sources.get(path);
  if (known?.stamp === stamp) return known;
  const text = readFileSync(path, 'utf8');
  let seen = cache.get(path, text);
  if (!seen) {
    const ts = await typescript();
    const links = path.endsWith('.json') ? { imports: [], exports: [], isIndex: false } : importsOf(ts, path, text);
    seen = { hash: sha256(normalise(ts, path, text)), ...links };
    cache.set(path, text, seen);
  }
  const imports = seen.imports.map(({ from, names }) => ({ from: find(resolve(dirname(path), from), path), names }));
  const source = { ...seen, stamp, imports };
  sources.set(path, source);
  return source;
}

function find(path: string, from: string): string {
  const candidates = EXTENSIONS.map((extension) => path + extension);
  if (/\.m?js$/.test(path)) candidates.push(path.replace(/js$/, 'ts'));
  const file = candidates.find((candidate) => existsSync(candidate) && statSync(candidate).isFile());
  if (file) return file;
  throw new StageDefinitionError(
    `Expected the code of a stage to be files, found none at ${path} (${EXTENSIONS.join(' ')}), which ${from} imports.`,
  );
}

/** `run(a) {…}` of an object literal isn't an expression by itself; made one, the text says the same. */
function methodAsFunction(text: string): string {
  const isFunction = /^(async\s+)?(function\b|\(|[\w$]+\s*=>)/.test(text);
  if (isFunction) return text;
  return text.replace(/^(async\s+)?(\*?)\s*/, (_, async = '', star = '') => `${async}function${star} `);
}

let loaded: Promise<typeof TypeScript> | undefined;

/** Loaded when it's first wanted: workers and `store ls` do without. */
function typescript(): Promise<typeof TypeScript> {
  loaded ??= import('typescript').then((module) => (module as { default?: typeof TypeScript }).default ?? module);
  return loaded;
}

/** Bytes of each file of a code, for a worker to see that it runs what the key was made of. @see changedSource */
export function rawHashes(code: Code): Record<string, string> {
  const paths = filesOf(code);
  return Object.fromEntries(paths.map((path) => [path, sha256(readFileSync(path))]));
}

/** A file of a code that was written after `time` (milliseconds since 1970); undefined where none was. */
export function editedSince(code: Code, time: number): string | undefined {
  return filesOf(code).find((path) => statSync(path).mtimeMs > time);
}

function filesOf({ root, files }: Code): string[] {
  return root === '' ? [] : Object.keys(files).map((path) => join(root, path));
}

/** The first file that is not what it was; undefined where all are. */
export function changedSource(raw: Readonly<Record<string, string>>): string | undefined {
  return Object.keys(raw).find((path) => !existsSync(path) || sha256(readFileSync(path)) !== raw[path]);
}
