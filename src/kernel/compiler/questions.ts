/** Completion, inspection and completeness of a cell's text. */
import ts from 'typescript';
import type { CellCompiler } from './compiler';
import { parse } from './compiler';
import { inCellsWords } from './notebook';

export interface Completion {
  matches: string[];
  /** Range of the text that a match replaces, in UTF-16 units. */
  start: number;
  end: number;
  /** Kind and signature of each match, which JupyterLab shows beside it. */
  types: { text: string; type: string; start: number; end: number; signature?: string }[];
}

export interface Inspection {
  text: string;
  markdown: string;
}

const MAX_MATCHES = 500;

/** Completions at `position` (UTF-16 units) of `source`. */
export function complete(compiler: CellCompiler, source: string, position: number): Completion {
  const module = compiler.draft(source);
  const at = module.offset + position;
  const none = { matches: [], start: position, end: position, types: [] };
  const info = module.service.getCompletionsAtPosition(module.file, at, {
    includeCompletionsForModuleExports: false,
    includeCompletionsWithInsertText: true,
  });
  if (!info) return none;
  const word = /[\w$]*$/.exec(source.slice(0, position))![0];
  const span = info.optionalReplacementSpan ?? info.entries[0]?.replacementSpan;
  const start = span ? span.start - module.offset : position - word.length;
  const typed = source.slice(start, position).toLowerCase();
  const seen = info.entries
    .filter(
      ({ name, kind }) =>
        name.toLowerCase().startsWith(typed) && !name.startsWith('__') && kind !== ts.ScriptElementKind.warning,
    )
    .filter(({ source: from }) => from === undefined)
    .sort(
      (a, b) =>
        Number(!a.name.startsWith(source.slice(start, position))) -
          Number(!b.name.startsWith(source.slice(start, position))) || compare(a.sortText, b.sortText),
    )
    .slice(0, MAX_MATCHES);
  const end = Math.max(position, span ? span.start + span.length - module.offset : position);
  const types = seen.map(({ name, kind }) => ({ text: name, type: KINDS[kind] ?? kind, start, end }));
  return { matches: seen.map(({ name }) => name), start, end, types };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** JupyterLab's names of the kinds that have an icon. */
const KINDS: Record<string, string> = {
  const: 'constant',
  let: 'variable',
  var: 'variable',
  'local var': 'variable',
  'local function': 'function',
  method: 'function',
  getter: 'property',
  type: 'class',
  alias: 'module',
  'external module name': 'module',
  script: 'module',
  directory: 'path',
};

/** Type and documentation of the name at `position`, or before it as in `name(|`. */
export function inspect(compiler: CellCompiler, source: string, position: number): Inspection | undefined {
  const module = compiler.draft(source);
  for (const at of candidates(source, position)) {
    const info = module.service.getQuickInfoAtPosition(module.file, module.offset + at);
    if (!info) continue;
    // Hide the internal imports by which cells see earlier cells.
    const signature = inCellsWords(ts.displayPartsToString(info.displayParts))
      .replace(/^\(alias\) /, '')
      .replace(/\n(?:import|export) [\w$]+$/, '');
    const documentation = ts.displayPartsToString(info.documentation);
    const tags = (info.tags ?? []).map(({ name, text }) => ({ name, text: ts.displayPartsToString(text) }));
    const plain = [signature, documentation, ...tags.map((tag) => `@${tag.name} ${tag.text}`)];
    const rich = [
      `\`\`\`typescript\n${signature}\n\`\`\``,
      documentation,
      ...tags.map((tag) => `*@${tag.name}* ${tag.text}`),
    ];
    return { text: plain.filter(Boolean).join('\n\n'), markdown: rich.filter(Boolean).join('\n\n') };
  }
  return undefined;
}

/** Positions to try: the given one, just before it, and the callee of the call around it. */
function candidates(source: string, position: number): number[] {
  const found = [position, position - 1];
  const call = source.lastIndexOf('(', position - 1);
  if (call > 0) found.push(call - 1);
  return found.filter((at) => at >= 0 && /[\w$]/.test(source[at] ?? ''));
}

export type Completeness = { status: 'complete' | 'invalid' } | { status: 'incomplete'; indent: string };

/** Whether a text can be run, is incomplete, or is invalid: what Enter does in a console depends on it. */
export function isComplete(source: string): Completeness {
  const file = parse(source);
  const { parseDiagnostics } = file as unknown as { parseDiagnostics: ts.DiagnosticWithLocation[] };
  if (parseDiagnostics.length === 0)
    return openComment(source) ? { status: 'incomplete', indent: '' } : { status: 'complete' };
  const end = source.trimEnd().length;
  const first = parseDiagnostics[0]!;
  const unfinished = (first.start >= end && first.code !== UNTERMINATED_STRING) || UNTERMINATED.has(first.code);
  if (!unfinished) return { status: 'invalid' };
  const lastLine = source.trimEnd().split('\n').at(-1) ?? '';
  const indent = /^\s*/.exec(lastLine)![0];
  return { status: 'incomplete', indent: /[{([]\s*$/.test(lastLine) ? `${indent}  ` : indent };
}

/** An unterminated string, which more lines can't complete. */
const UNTERMINATED_STRING = 1002;

/** Unterminated template literals and comments, which are reported at their start. */
const UNTERMINATED = new Set([1160, 1010]);

function openComment(source: string): boolean {
  const scanner = ts.createScanner(ts.ScriptTarget.Latest, false, ts.LanguageVariant.Standard, source);
  let open = false;
  scanner.setOnError(({ code }) => {
    open ||= code === 1010;
  });
  for (let token = scanner.scan(); token !== ts.SyntaxKind.EndOfFileToken; token = scanner.scan()) {
    // Only the scanner's errors matter.
  }
  return open;
}
