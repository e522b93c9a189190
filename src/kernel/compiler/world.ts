/** Cells as one program: placed, checked and compiled, with everything that they import. */
import ts from 'typescript';
import { AMBIENT } from './ambient';
import type { Declared } from './declarations';
import { createService } from './host';
import { type CellModule, inCellsWords, Notebook } from './notebook';
import type { Outlines } from './outlines';
import { wrapCell } from './runtime-names';
import { cellTransformer } from './transform';

/** One thing the type checker objects to, in the cell's own lines and columns (from 1). */
export interface Problem {
  code: number;
  message: string;
  line: number;
  column: number;
  /** Characters it spans on its first line. */
  length: number;
}

/** The script of a cell and its source map (JSON) to the cell. */
export interface Script {
  javascript: string;
  map: string;
}

/** Objections that make no sense at a prompt: names in the prelude that are types, a lone expression. */
const IGNORED = new Set([1484, 1205, 2695, 7028]);

/** Where a world lies, and what it shares with others. */
export interface WorldOptions {
  /** Tells the virtual files of one world from those of another. */
  name: string;
  folder: string;
  root: string;
  options: ts.CompilerOptions;
  /** Parsed files, the same for all worlds. */
  documents: ts.DocumentRegistry;
  /** The library's files, the same for all worlds. */
  outlines: Outlines;
}

export class World {
  readonly service: ts.LanguageService;
  readonly notebook: Notebook;
  private readonly reread: () => void;

  constructor({ name, folder, root, options, documents, outlines }: WorldOptions) {
    this.notebook = new Notebook(folder, AMBIENT, name);
    const { service, reread } = createService(this.notebook, options, root, documents, outlines);
    this.service = service;
    this.reread = reread;
  }

  /** Type-checks and compiles a cell; later cells see it after `add`. */
  compile(source: string, declared: readonly Declared[]): Script | Problem[] {
    const module = this.notebook.place(source, declared);
    const program = this.program();
    const file = program.getSourceFile(module.file)!;
    const syntax = program.getSyntacticDiagnostics(file);
    const found = syntax.length > 0 ? syntax : program.getSemanticDiagnostics(file);
    const problems = found.flatMap((diagnostic) => problem(diagnostic, file, module, source));
    if (problems.length > 0) return problems;
    let javascript = '';
    let map = '';
    const transformer = cellTransformer(program.getTypeChecker(), module.offset);
    const write: ts.WriteFileCallback = (name, text) => {
      if (name.endsWith('.map')) map = text;
      else javascript = text;
    };
    program.emit(file, write, undefined, false, { before: [transformer] });
    javascript = javascript.replace(/^\/\/# sourceMappingURL=.*$/m, '').replace(/^export \{\};$/m, '');
    return { javascript: wrapCell(javascript), map };
  }

  /** Makes a cell part of the world; `visible` are those of its names that later cells see. */
  add(source: string, declared: readonly Declared[], visible: readonly Declared[]): void {
    this.notebook.commit(this.notebook.place(source, declared).slot, visible);
  }

  /** Reads the types of modules that cells are going to import: theirs is then a matter of milliseconds. */
  warm(modules: readonly string[]): void {
    const file = this.notebook.warm(modules);
    const program = this.program();
    program.getSemanticDiagnostics(program.getSourceFile(file));
  }

  /** Forgets every cell, and looks at the sources on disk again. */
  reset(): void {
    this.notebook.reset();
    this.reread();
  }

  private program(): ts.Program {
    const program = this.service.getProgram();
    if (program === undefined)
      throw new Error('Expected the TypeScript language service to have a program, it has none.');
    return program;
  }
}

function problem(diagnostic: ts.Diagnostic, file: ts.SourceFile, module: CellModule, source: string): Problem[] {
  if (diagnostic.category !== ts.DiagnosticCategory.Error || IGNORED.has(diagnostic.code)) return [];
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

/** TS2632: Cannot assign to '…' because it is an import. */
const ASSIGNED_IMPORT = 2632;
