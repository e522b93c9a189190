/** Selects the type checker's diagnostics that matter in a notebook, and maps them to the cell. */
import ts from 'typescript';
import { type CellModule, inCellsWords } from './notebook';

/** A diagnostic, in the cell's own lines and columns (from 1). */
export interface Problem {
  code: number;
  message: string;
  line: number;
  column: number;
  /** Number of characters that it spans on its first line. */
  length: number;
}

/** Diagnostics that don't apply to cells: types in the prelude, a lone expression, `import x = require()`. */
const OF_FILES = new Set([1484, 1205, 2695, 1202]);

/** Errors with which JavaScript itself couldn't run: names declared twice, assignments to constants. */
const FATAL = new Set([2300, 2451, 2588, 2632]);

/** TS2632: Cannot assign to '…' because it is an import. */
const ASSIGNED_IMPORT = 2632;

/** TS2339: Property '…' does not exist on type '…'. */
const NO_PROPERTY = 2339;

/** Whether a diagnostic is shown in a notebook. Checks that only suit libraries aren't. */
export function matters({ category, code, messageText }: ts.Diagnostic): boolean {
  if (category !== ts.DiagnosticCategory.Error || OF_FILES.has(code) || isImplicitAny(code)) return false;
  // What is null at first (`{ x: null }`) narrows to `never`, but a later cell may fill it in.
  const text = ts.flattenDiagnosticMessageText(messageText, '\n');
  return !(code === NO_PROPERTY && text.endsWith("on type 'never'."));
}

/** Whether the cell can't run, types aside. */
export function isFatal({ code }: ts.Diagnostic): boolean {
  return FATAL.has(code);
}

/** Whether a code is about an implicit `any`; two others lie in the same range. */
function isImplicitAny(code: number): boolean {
  return code >= 7005 && code <= 7058 && code !== 7036 && code !== 7042;
}

/** A diagnostic in the cell's own positions; none if it lies in the code around the cell's text. */
export function problem(diagnostic: ts.Diagnostic, file: ts.SourceFile, module: CellModule, source: string): Problem[] {
  const start = (diagnostic.start ?? 0) - module.offset;
  if (start < 0) return [];
  const at = Math.min(start, source.length);
  const { line, character } = ts.getLineAndCharacterOfPosition(file, module.offset + at);
  const lineEnd = source.indexOf('\n', at);
  return [
    {
      code: diagnostic.code,
      message: messageOf(diagnostic, source.slice(at, at + (diagnostic.length ?? 0))),
      line, // The prelude is line 0, so the cell's first line is 1.
      column: character + 1,
      length: Math.max(1, Math.min(diagnostic.length ?? 1, (lineEnd < 0 ? source.length : lineEnd) - at)),
    },
  ];
}

/** The message, without traces of the internal imports by which cells see earlier cells. */
function messageOf({ code, messageText }: ts.Diagnostic, name: string): string {
  if (code === ASSIGNED_IMPORT) {
    return `Cannot assign to '${name}' because it is a constant. Declare it with let in its own cell, or declare it again here.`;
  }
  return inCellsWords(ts.flattenDiagnosticMessageText(messageText, '\n'));
}
