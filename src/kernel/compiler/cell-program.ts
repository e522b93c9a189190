/** A TypeScript program of cells and everything that they import, which checks and compiles them. */
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

/** The script of a cell, and its source map (JSON). */
export interface Script {
  javascript: string;
  map: string;
}

/** The result of checking a cell. */
export interface CheckedCell {
  /** Problems that keep the cell from running at all. */
  fatal: Problem[];
  /** All problems, type errors and fatal ones. */
  problems: Problem[];
  /** Compiles the cell. */
  emit(): Script;
}

/** Where a program's cells lie, and what it shares with other programs. */
export interface CellProgramOptions {
  /** Part of the names of the program's virtual files, different for each program. */
  name: string;
  language: CellLanguage;
  folder: string;
  root: string;
  options: ts.CompilerOptions;
  /** Parsed files, shared by all programs. */
  documents: ts.DocumentRegistry;
  /** The library's files, shared by all programs. */
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

  /** Type-checks a cell. Later cells don't see it until `add`. */
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

  /** Adds a cell to the program. @param visible those of its names that later cells see */
  add(source: string, declared: readonly Declared[], visible: readonly Declared[]): void {
    this.notebook.commit(this.place(source, declared).slot, visible);
  }

  /** Reads the types of modules that cells will import, so that checking those cells takes milliseconds. */
  warm(modules: readonly string[]): void {
    const file = this.notebook.warm(modules);
    const program = this.program();
    program.getSemanticDiagnostics(program.getSourceFile(file));
  }

  /** Forgets every cell, and reads changed sources from disk again. */
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

  /** A filter for the diagnostics that count in a cell of this language. */
  private matter(source: string, checker: ts.TypeChecker, file: ts.SourceFile): (found: ts.Diagnostic) => boolean {
    if (this.language === 'typescript' || asksForChecks(source)) return matters;
    return (found) => matters(found) && mattersInJavaScript(found, checker, file);
  }

  private program(): ts.Program {
    const program = this.service.getProgram();
    if (program === undefined)
      throw new Error('Expected the TypeScript language service to have a program, but it has none.');
    return program;
  }
}
