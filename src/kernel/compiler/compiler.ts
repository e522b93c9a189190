/** Checks and compiles cells with the stock TypeScript language service. Pure of processes and sockets. */
import { join } from 'node:path';
import ts from 'typescript';
import { AMBIENT } from './ambient';
import { type Declared, declaredNames } from './declarations';
import { cellOptions, createService } from './host';
import { importedModules, loadableEarly } from './imports';
import { type CellModule, Notebook } from './notebook';
import { cellTransformer } from './transform';
import { wrapCell } from './runtime-names';

/** One thing the type checker objects to, in the cell's own lines and columns (from 1). */
export interface Problem {
  code: number;
  message: string;
  line: number;
  column: number;
  /** Characters it spans on its first line. */
  length: number;
}

/** A cell ready to run. */
export interface CompiledCell {
  slot: number;
  javascript: string;
  /** Source map (JSON) from the script to the cell. */
  map: string;
  declared: Declared[];
}

export type Compilation = { ok: true; cell: CompiledCell } | { ok: false; problems: Problem[] };

/** Objections that make no sense at a prompt: names in the prelude that are types, a lone expression. */
const IGNORED = new Set([1484, 1205, 2695, 7028]);

export class CellCompiler {
  readonly service: ts.LanguageService;
  private readonly notebook: Notebook;
  private readonly reread: () => void;

  /**
   * @param folder The notebook's folder.
   * @param root The project's folder, whose packages every notebook can import.
   */
  constructor(
    private readonly folder: string,
    private readonly root: string,
  ) {
    this.notebook = new Notebook(folder, AMBIENT);
    const { service, reread } = createService(this.notebook, cellOptions(folder, root), root);
    this.service = service;
    this.reread = reread;
  }

  /**
   * Type-checks and compiles a cell. Its names become visible to later cells by `commit`.
   * @param onImports Told what may be loaded while the check is going on.
   */
  compile(source: string, onImports?: (modules: string[]) => void): Compilation {
    const tree = parse(source);
    const declared = declaredNames(tree);
    const early = onImports ? loadableEarly(importedModules(tree, { values: true }), this.folder, this.root) : [];
    if (early.length > 0) onImports?.(early);
    const module = this.notebook.place(source, declared);
    const program = this.program();
    const file = program.getSourceFile(module.file)!;
    const syntax = program.getSyntacticDiagnostics(file);
    const found = syntax.length > 0 ? syntax : program.getSemanticDiagnostics(file);
    const problems = found.flatMap((diagnostic) => this.problem(diagnostic, file, module, source));
    if (problems.length > 0) return { ok: false, problems };
    let javascript = '';
    let map = '';
    const transformer = cellTransformer(program.getTypeChecker(), module.offset);
    const write: ts.WriteFileCallback = (name, text) => {
      if (name.endsWith('.map')) map = text;
      else javascript = text;
    };
    program.emit(file, write, undefined, false, { before: [transformer] });
    javascript = javascript.replace(/^\/\/# sourceMappingURL=.*$/m, '').replace(/^export \{\};$/m, '');
    return { ok: true, cell: { slot: module.slot, javascript: wrapCell(javascript), map, declared } };
  }

  /** Makes a cell's names visible; `reached` holds the statements that ran, or is undefined if all did. */
  commit(cell: Pick<CompiledCell, 'slot' | 'declared'>, reached?: readonly number[]): void {
    const ran = reached && new Set(reached);
    this.notebook.commit(
      cell.slot,
      cell.declared.filter(({ statement }) => statement < 0 || !ran || ran.has(statement)),
    );
  }

  /** Places unfinished text for the language service and says where it starts. */
  draft(source: string): CellModule {
    return this.notebook.draft(source, declaredNames(parse(source)));
  }

  /** Reads the types of modules that cells are going to import: theirs is then a matter of milliseconds. */
  warm(modules: readonly string[]): void {
    if (modules.length === 0) return;
    const file = this.notebook.warm(modules);
    const program = this.program();
    program.getSemanticDiagnostics(program.getSourceFile(file));
  }

  /** Forgets every cell, and looks at the sources on disk again. */
  reset(): void {
    this.notebook.reset();
    this.reread();
  }

  /** Names of earlier cells. */
  visible(): string[] {
    return this.notebook.visible();
  }

  private program(): ts.Program {
    const program = this.service.getProgram();
    if (program === undefined)
      throw new Error('Expected the TypeScript language service to have a program, it has none.');
    return program;
  }

  private problem(diagnostic: ts.Diagnostic, file: ts.SourceFile, module: CellModule, source: string): Problem[] {
    if (diagnostic.category !== ts.DiagnosticCategory.Error || IGNORED.has(diagnostic.code)) return [];
    const start = (diagnostic.start ?? 0) - module.offset;
    if (start < 0) return [];
    const at = Math.min(start, source.length);
    const { line, character } = ts.getLineAndCharacterOfPosition(file, module.offset + at);
    const lineEnd = source.indexOf('\n', at);
    return [
      {
        code: diagnostic.code,
        message: ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n'),
        line, // The prelude is line 0, so the cell's first line is 1.
        column: character + 1,
        length: Math.max(1, Math.min(diagnostic.length ?? 1, (lineEnd < 0 ? source.length : lineEnd) - at)),
      },
    ];
  }
}

/** A cell's text as a tree, without types. */
export function parse(source: string): ts.SourceFile {
  return ts.createSourceFile(join('/', 'cell.ts'), source, ts.ScriptTarget.Latest, true);
}
