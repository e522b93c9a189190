/** Formats errors for people: stack frames in lines of the cell's source, and an excerpt of the source. */
import { existsSync, readFileSync } from 'node:fs';
import { findSourceMap, SourceMap, type SourceMapPayload } from 'node:module';
import { fileURLToPath } from 'node:url';
import { excerpt } from '../excerpt';
import type { CellError } from './messages';
import { attempt, inspectSafely, isError, textOf } from './values';

interface CellSource {
  label: string;
  source: string;
  map: SourceMap;
}

/** A source position, with line and column from 1. */
interface Place {
  name: string;
  line: number;
  column: number;
}

const cells = new Map<string, CellSource>();
/** Source maps by file. */
const maps = new Map<string, SourceMap | undefined>();

/** Registers a compiled cell, so that its frames are mapped to its source. @param script file name of the script */
export function registerCell(script: string, label: string, source: string, map: string): void {
  cells.set(script, { label, source, map: new SourceMap(JSON.parse(map)) });
}

/** Formats stacks with mapped positions, in place of Node's own formatter, which ignores the maps of scripts. */
export function installStackTraces(): void {
  Error.prepareStackTrace = (error, sites) => {
    const head = headline(error);
    const frames = sites.flatMap((site) => attempt(() => frame(site)) ?? []);
    return frames.length > 0 ? `${head}\n${frames.map((line) => `    at ${line}`).join('\n')}` : head;
  };
}

function headline(error: unknown): string {
  return attempt(() => Error.prototype.toString.call(error)) ?? 'Error';
}

/** The line of a stack frame; none for the kernel's own frames. */
function frame(site: NodeJS.CallSite): string[] {
  const file = site.getFileName();
  if (!file) return [site.toString()];
  if (file === 'node:async_hooks') return []; // Our way of tracking which cell runs.
  if (file.startsWith('node:')) return [site.toString()]; // tsx parses Node's own frames, so they stay unchanged.
  if (file === import.meta.url) return [];
  const place = locate(file, site.getLineNumber() ?? 0, site.getColumnNumber() ?? 0);
  if (place === undefined) return [];
  const called = functionName(site, cells.has(file));
  const at = `${place.name}:${place.line}:${place.column}`;
  return [called ? `${called} (${at})` : at];
}

function functionName(site: NodeJS.CallSite, inCell: boolean): string {
  const text = site.toString();
  const open = text.lastIndexOf(' (');
  const name = open < 0 ? '' : text.slice(0, open);
  return inCell ? name.replaceAll(/__scope\.|Object\.(?=\w+$)/g, '') : name;
}

/** The position in the source; undefined in code that the compiler added around a cell. */
function locate(file: string, line: number, column: number): Place | undefined {
  const cell = cells.get(file);
  if (cell) {
    const entry = cell.map.findEntry(line - 1, column - 1);
    if (!('originalLine' in entry) || entry.originalLine < 1) return undefined;
    return { name: cell.label, line: entry.originalLine, column: entry.originalColumn + 1 };
  }
  const entry = (findSourceMap(file) ?? mapBeside(file))?.findEntry(line - 1, column - 1);
  if (entry && 'originalLine' in entry) {
    const { originalSource, originalLine, originalColumn } = entry;
    return {
      name: path(originalSource || file),
      line: originalLine + 1,
      column: originalColumn + 1,
    };
  }
  return { name: path(file), line, column };
}

/** The source map of a built file, read when a frame needs it. Node would read the map of every file that it loads. */
function mapBeside(file: string): SourceMap | undefined {
  if (!maps.has(file)) maps.set(file, readMap(file));
  return maps.get(file);
}

function readMap(file: string): SourceMap | undefined {
  const beside = file.startsWith('file:') && file.endsWith('.mjs') ? `${fileURLToPath(file)}.map` : '';
  if (!existsSync(beside)) return undefined;
  try {
    const map = JSON.parse(readFileSync(beside, 'utf8')) as SourceMapPayload;
    return new SourceMap({ ...map, sources: map.sources.map((source) => new URL(source, file).href) });
  } catch {
    return undefined; // A package's map may be invalid; its frames then keep the compiled lines.
  }
}

function path(address: string): string {
  return address.startsWith('file:') ? fileURLToPath(address) : address;
}

/** Maximum depth of causes and parts. */
const DEEPEST = 5;

/** Maximum number of parts of an AggregateError that are shown. */
const PARTS = 10;

/** Describes anything thrown: name, message, stack, excerpt of the cell, causes and parts. Never throws. */
export function describeError(thrown: unknown): CellError {
  try {
    return describe(thrown, new Set());
  } catch {
    const text = 'Something was thrown that itself throws when it is read.';
    return { ename: 'Thrown', evalue: text, traceback: [`Thrown: ${text}`] };
  }
}

function describe(thrown: unknown, above: ReadonlySet<unknown>): CellError {
  if (!isError(thrown)) {
    const text = inspectSafely(thrown);
    return { ename: 'Thrown', evalue: text, traceback: `Thrown: ${text}`.split('\n') };
  }
  const ename = textOf(thrown, 'name') || 'Error';
  const evalue = textOf(thrown, 'message') ?? '';
  const stack = attempt(() => thrown.stack);
  const text = typeof stack === 'string' && stack !== '' ? stack : `${ename}: ${evalue}`;
  const traceback = text.split('\n').filter((line) => !/^ +at .*\bnode:/.test(line));
  const excerpt = codeExcerpt(traceback);
  if (excerpt.length > 0) traceback.push('', ...excerpt);
  const within = new Set([...above, thrown]);
  for (const [title, part] of partsOf(thrown)) {
    if (within.has(part)) traceback.push('', `${title} the same error again.`);
    else if (within.size < DEEPEST) traceback.push('', title, ...describe(part, within).traceback);
  }
  return { ename, evalue, traceback };
}

/** The errors that an error refers to, each with a title. */
function partsOf(error: Error): [title: string, part: unknown][] {
  const property = (name: string): unknown => attempt(() => (error as unknown as Record<string, unknown>)[name]);
  const has = (name: string): boolean => attempt(() => name in error) === true;
  const parts: [string, unknown][] = has('cause') ? [['Caused by:', property('cause')]] : [];
  // A SuppressedError, which `using` throws when both the block and the disposal of a resource fail.
  if (has('suppressed')) parts.push(['Thrown:', property('error')], ['Suppressed:', property('suppressed')]);
  const errors = property('errors');
  if (attempt(() => Array.isArray(errors)) !== true) return parts;
  const all = attempt(() => [...(errors as unknown[])]) ?? [];
  const few = all
    .slice(0, PARTS)
    .map((part, index): [string, unknown] => [`Error ${index + 1} of ${all.length}:`, part]);
  return [...parts, ...few];
}

/** The source around the first frame in a cell. */
function codeExcerpt(stack: readonly string[]): string[] {
  for (const line of stack) {
    const found = /(Cell \[\d*\]):(\d+):(\d+)\)?$/.exec(line);
    const cell = found && [...cells.values()].findLast(({ label }) => label === found[1]);
    if (found && cell) return excerpt(found[1]!, cell.source, Number(found[2]), Number(found[3]));
  }
  return [];
}
