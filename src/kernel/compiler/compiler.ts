/**
 * Checks and compiles cells with the stock TypeScript language service. Knows no processes or sockets.
 *
 * TypeScript's work per cell grows with everything that the notebook has imported (1,500 files after TensorFlow and this
 * library: 15 ms). So there are two programs: `alone` has only the cells that use nothing imported, and checks one in
 * 3 ms; `all` has every cell. `all` checks the other cells, and those in which `alone` found a problem.
 */
import { join, sep } from 'node:path';
import ts from 'typescript';
import { type Declared, declaredNames } from './declarations';
import { cellOptions } from './host';
import { importedModules, importsNothing, loadableEarly } from './imports';
import type { CellModule } from './notebook';
import { Outlines } from './outlines';
import type { CellLanguage } from '../language';
import { CellProgram, type CellProgramOptions, type Script } from './cell-program';
import type { Problem } from './objections';
import type { TypeErrors } from './type-errors';

export type { Problem } from './objections';

/** A cell ready to run. */
export interface CompiledCell extends Script {
  source: string;
  declared: Declared[];
  /** Whether it was checked in the program without imports. */
  alone: boolean;
}

/** `warnings`: problems of a cell that runs all the same. */
export type Compilation = { ok: true; cell: CompiledCell; warnings: Problem[] } | { ok: false; problems: Problem[] };

export interface CompileOptions {
  /** How type errors are handled. @default 'refuse' */
  typeErrors?: TypeErrors;
  /** Called with the modules that may be loaded during the check. */
  onImports?: (modules: string[]) => void;
}

export interface CellCompilerOptions {
  /** File in which outlines of the project's library are cached. Default: no cache. */
  cache?: string;
  /** @default 'typescript' */
  language?: CellLanguage;
}

interface AddedCell {
  source: string;
  declared: Declared[];
  visible: Declared[];
}

export class CellCompiler {
  private readonly places: Omit<CellProgramOptions, 'name'>;
  /** The program of the cells that import nothing and use nothing imported. */
  private readonly alone: CellProgram;
  /** The program of all cells, made when a cell first imports something. */
  private all: CellProgram | undefined;
  /** Cells to add to `all` when it is made. */
  private added: AddedCell[] = [];

  /**
   * @param folder The notebook's folder.
   * @param root The project's folder, whose packages every notebook can import.
   */
  constructor(folder: string, root: string, { cache, language = 'typescript' }: CellCompilerOptions = {}) {
    this.places = {
      language,
      folder,
      root,
      options: cellOptions(folder, root, language),
      documents: ts.createDocumentRegistry(),
      outlines: new Outlines({ library: join(root, 'src') + sep, cache }),
    };
    this.alone = new CellProgram({ ...this.places, name: 'alone' });
  }

  /** Type-checks and compiles a cell. `commit` makes its names visible to later cells. */
  compile(source: string, { typeErrors = 'refuse', onImports }: CompileOptions = {}): Compilation {
    const tree = this.parse(source);
    const declared = declaredNames(tree);
    const { folder, root } = this.places;
    const early = onImports ? loadableEarly(importedModules(tree, { values: true }), folder, root) : [];
    if (early.length > 0) onImports?.(early);
    let alone = this.standsAlone(tree, declared);
    let checked = (alone ? this.alone : this.whole()).check(source, declared);
    // If anything was imported, the problem may be a global type that a module declares.
    if (checked.problems.length > 0 && alone && this.all) {
      alone = false;
      checked = this.all.check(source, declared);
    }
    const { fatal, problems } = checked;
    const stopped = typeErrors === 'refuse' ? problems : fatal;
    if (stopped.length > 0) return { ok: false, problems: stopped };
    const cell = { ...checked.emit(), source, declared, alone };
    return { ok: true, cell, warnings: typeErrors === 'warn' ? problems : [] };
  }

  /** Makes a cell's names visible. @param reached the statements that ran; undefined if all did */
  commit(
    { source, declared, alone }: Pick<CompiledCell, 'source' | 'declared' | 'alone'>,
    reached?: readonly number[],
  ): void {
    const ran = reached && new Set(reached);
    const visible = declared.filter(({ statement }) => statement < 0 || !ran || ran.has(statement));
    if (alone) this.alone.add(source, declared, visible);
    else this.alone.notebook.hide(visible);
    if (this.all) this.all.add(source, declared, visible);
    else this.added.push({ source, declared, visible });
  }

  /** Places unfinished text in a module; returns where the text starts, and the language service to ask about it. */
  draft(source: string): CellModule & { service: ts.LanguageService } {
    const tree = this.parse(source);
    const declared = declaredNames(tree);
    const program = this.all ?? (this.standsAlone(tree, declared) ? this.alone : this.whole());
    return { ...program.notebook.draft(source, declared), service: program.service };
  }

  /** Reads the types of modules that cells will import, so that checking those cells takes milliseconds. */
  warm(modules: readonly string[]): void {
    if (modules.length > 0) this.whole().warm(modules);
  }

  /** Forgets every cell, and reads changed sources from disk again. */
  reset(): void {
    this.alone.reset();
    this.all?.reset();
    this.added = [];
  }

  /** Short steps (milliseconds) that make the missing outlines of the project's library. */
  preparations(): (() => void)[] {
    return this.places.outlines.missing();
  }

  /** Saves new outlines to the cache. */
  keep(): void {
    this.places.outlines.keep();
  }

  private whole(): CellProgram {
    if (this.all) return this.all;
    this.all = new CellProgram({ ...this.places, name: 'all' });
    for (const { source, declared, visible } of this.added.splice(0)) this.all.add(source, declared, visible);
    return this.all;
  }

  private parse(source: string): ts.SourceFile {
    return parse(source, this.places.language);
  }

  /** Whether a cell imports nothing, and uses no name from a cell outside `alone`. */
  private standsAlone(tree: ts.SourceFile, declared: readonly Declared[]): boolean {
    const own = new Set(declared.map(({ name }) => name));
    const elsewhere = (name: string) =>
      this.all?.notebook.has(name) === true && !this.alone.notebook.has(name) && !own.has(name);
    // In JavaScript, `require` and JSDoc import types too.
    const brings = this.places.language === 'javascript' && /\brequire\b|\bimport\s*\(|@import\b/.test(tree.text);
    return !brings && importsNothing(tree) && !mentions(tree, elsewhere);
  }
}

/** Whether any identifier in the text, in whatever role, is one of those. */
function mentions(node: ts.Node, those: (name: string) => boolean): boolean {
  if (ts.isIdentifier(node)) return those(node.text);
  return ts.forEachChild(node, (child) => mentions(child, those) || undefined) === true;
}

/** A cell's text as a syntax tree, without types. */
export function parse(source: string, language: CellLanguage = 'typescript'): ts.SourceFile {
  const kind = language === 'javascript' ? ts.ScriptKind.JS : ts.ScriptKind.TS;
  return ts.createSourceFile(join('/', 'cell'), source, ts.ScriptTarget.Latest, true, kind);
}
