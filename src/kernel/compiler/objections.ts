/** What the type checker says of a cell, as far as it is a matter for a notebook. */
import ts from 'typescript';
import { type CellModule, inCellsWords } from './notebook';

/** One thing the type checker objects to, in the cell's own lines and columns (from 1). */
export interface Problem {
  code: number;
  message: string;
  line: number;
  column: number;
  /** Characters it spans on its first line. */
  length: number;
}

/** Objections that make no sense at a prompt: names in the prelude that are types, a lone expression, `import x = require()`. */
const OF_FILES = new Set([1484, 1205, 2695, 1202]);

/** A cell that JavaScript itself could not run as it stands: names declared twice, assignments to constants. */
const FATAL = new Set([2300, 2451, 2588, 2632]);

/** TS2632: Cannot assign to '…' because it is an import. */
const ASSIGNED_IMPORT = 2632;

/** TS2339: Property '…' does not exist on type '…'. */
const NO_PROPERTY = 2339;

/** Whether a notebook should hear of it. Checks that only a library wants are not for cells. */
export function matters({ category, code, messageText }: ts.Diagnostic): boolean {
  if (category !== ts.DiagnosticCategory.Error || OF_FILES.has(code) || isImplicitAny(code)) return false;
  // What is known to be null (`{ x: null }`) narrows to nothing; at a prompt it is filled in later.
  const text = ts.flattenDiagnosticMessageText(messageText, '\n');
  return !(code === NO_PROPERTY && text.endsWith("on type 'never'."));
}

/** Whether the cell can't run, whatever one thinks of types. */
export function isFatal({ code }: ts.Diagnostic): boolean {
  return FATAL.has(code);
}

/** TypeScript's messages on types that are `any` because nobody wrote them; two others are among them. */
function isImplicitAny(code: number): boolean {
  return code >= 7005 && code <= 7058 && code !== 7036 && code !== 7042;
}

/** A diagnostic of a cell's module in the cell's own terms; none if it lies in what was put around the cell. */
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

/** How a name came here (by an import of ours from an earlier cell) is nobody's business. */
function messageOf({ code, messageText }: ts.Diagnostic, name: string): string {
  if (code === ASSIGNED_IMPORT) {
    return `Cannot assign to '${name}' because it is a constant: declare it with let where it is made, or anew here.`;
  }
  return inCellsWords(ts.flattenDiagnosticMessageText(messageText, '\n'));
}
