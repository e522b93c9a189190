/** Cells as one program: placed, checked and compiled, with everything that they import. */
import ts from 'typescript';
import { AMBIENT } from './ambient';
import type { Declared } from './declarations';
import { globalDeclarations } from './globals';
import { createService } from './host';
import type { CellLanguage } from '../language';
import { asksForChecks, mattersInJavaScript } from './javascript';
import { type CellModule, Notebook } from './notebook';
import { isFatal, matters, type Problem, problem } from './objections';
import type { Outlines } from './outlines';
import { wrapCell } from './runtime-names';
import { cellTransformer } from './transform';

/** The script of a cell and its source map (JSON) to the cell. */
export interface Script {
  javascript: string;
  map: string;
}

/** What checking a cell has found. */
export interface CheckedCell {
  /** What keeps the cell from running at all. */
  fatal: Problem[];
  /** What is wrong by its types, the former included. */
  problems: Problem[];
  /** Compiles it. */
  emit(): Script;
}

/** Where a program's cells lie, and what it shares with others. */
export interface CellProgramOptions {
  /** Tells the virtual files of one program from those of another. */
  name: string;
  language: CellLanguage;
  folder: string;
  root: string;
  options: ts.CompilerOptions;
  /** Parsed files, the same for all programs. */
  documents: ts.DocumentRegistry;
  /** The library's files, the same for all programs. */
  outlines: Outlines;
}

export class CellProgram {
  readonly service: ts.LanguageService;
  readonly notebook: Notebook;
  private readonly language: CellLanguage;
  private readonly isTyped: (module: string) => boolean;
  private readonly reread: () => void;

  constructor({ name, language, folder, root, options, documents, outlines }: CellProgramOptions) {
    this.language = language;
    this.notebook = new Notebook({
      folder,
      name,
      ambient: AMBIENT,
      extension: language === 'javascript' ? '.js' : '.ts',
    });
    const { service, isTyped, reread } = createService(this.notebook, options, root, documents, outlines);
    this.service = service;
    this.isTyped = isTyped;
    this.reread = reread;
  }

  /** Type-checks a cell; later cells see it after `add`. */
  check(source: string, declared: readonly Declared[]): CheckedCell {
    const module = this.place(source, declared);
    const program = this.program();
    const file = program.getSourceFile(module.file)!;
    const own = ({ start = 0, category }: ts.Diagnostic) =>
      start >= module.offset && category === ts.DiagnosticCategory.Error;
    const shown = (diagnostics: readonly ts.Diagnostic[]) =>
      diagnostics.flatMap((diagnostic) => problem(diagnostic, file, module, source));
    const emit = () => this.emit(program, file, module.offset);
    const syntax = shown(program.getSyntacticDiagnostics(file).filter(own));
    if (syntax.length > 0) return { fatal: syntax, problems: syntax, emit };
    const matter = this.matter(source, program.getTypeChecker(), file);
    const found = program.getSemanticDiagnostics(file).filter((each) => own(each) && (isFatal(each) || matter(each)));
    return { fatal: shown(found.filter(isFatal)), problems: shown(found), emit };
  }

  /** Makes a cell part of the program; `visible` are those of its names that later cells see. */
  add(source: string, declared: readonly Declared[], visible: readonly Declared[]): void {
    this.notebook.commit(this.place(source, declared).slot, visible);
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

  private place(source: string, declared: readonly Declared[]): CellModule & { slot: number } {
    const { pieces, modules } = globalDeclarations(source);
    const augmented = modules.filter(({ name }) => this.isTyped(name));
    return this.notebook.place(source, declared, {
      pieces,
      modules: modules.filter((module) => !augmented.includes(module)),
      augmented: augmented.map(({ name }) => name),
    });
  }

  private emit(program: ts.Program, file: ts.SourceFile, offset: number): Script {
    let javascript = '';
    let map = '';
    const transformer = cellTransformer(program.getTypeChecker(), offset);
    const write: ts.WriteFileCallback = (name, text) => {
      if (name.endsWith('.map')) map = text;
      else javascript = text;
    };
    program.emit(file, write, undefined, false, { before: [transformer] });
    javascript = javascript.replace(/^\/\/# sourceMappingURL=.*$/m, '').replace(/^export \{\};$/m, '');
    return { javascript: wrapCell(javascript), map };
  }

  /** Which objections count in a cell of this language. */
  private matter(source: string, checker: ts.TypeChecker, file: ts.SourceFile): (found: ts.Diagnostic) => boolean {
    if (this.language === 'typescript' || asksForChecks(source)) return matters;
    return (found) => matters(found) && mattersInJavaScript(found, checker, file);
  }

  private program(): ts.Program {
    const program = this.service.getProgram();
    if (program === undefined)
      throw new Error('Expected the TypeScript language service to have a program, it has none.');
    return program;
  }
}
