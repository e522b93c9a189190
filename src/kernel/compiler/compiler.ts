/**
 * Checks and compiles cells with the stock TypeScript language service. Pure of processes and sockets.
 *
 * What TypeScript does for each cell anew grows with all that the notebook has imported (1,500 files after TensorFlow
 * and this library: 15 ms). So there are two programs of the same cells. A cell that uses nothing of what was imported is
 * checked among those like it, in 3 ms; every other cell, and every objection, is a matter for the whole.
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
  /** It was checked without what others import. */
  alone: boolean;
}

/** `warnings`: objections to a cell that runs all the same. */
export type Compilation = { ok: true; cell: CompiledCell; warnings: Problem[] } | { ok: false; problems: Problem[] };

export interface CompileOptions {
  /** What happens to a cell with type errors. @default 'refuse' */
  typeErrors?: TypeErrors;
  /** Told what may be loaded while the check is going on. */
  onImports?: (modules: string[]) => void;
}

export interface CellCompilerOptions {
  /** Where the outlines of the project's library are kept; nowhere if left out. */
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
  /** The cells that import nothing and use nothing imported. */
  private readonly alone: CellProgram;
  /** All cells; made when one imports something. */
  private all: CellProgram | undefined;
  /** What `all` is to begin with. */
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

  /** Type-checks and compiles a cell. Its names become visible to later cells by `commit`. */
  compile(source: string, { typeErrors = 'refuse', onImports }: CompileOptions = {}): Compilation {
    const tree = this.parse(source);
    const declared = declaredNames(tree);
    const { folder, root } = this.places;
    const early = onImports ? loadableEarly(importedModules(tree, { values: true }), folder, root) : [];
    if (early.length > 0) onImports?.(early);
    let alone = this.standsAlone(tree, declared);
    let checked = (alone ? this.alone : this.whole()).check(source, declared);
    // With nothing imported, objections stand; else a module may have brought a global type.
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

  /** Makes a cell's names visible; `reached` holds the statements that ran, or is undefined if all did. */
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

  /** Places unfinished text and says where it starts, and which service knows about it. */
  draft(source: string): CellModule & { service: ts.LanguageService } {
    const tree = this.parse(source);
    const declared = declaredNames(tree);
    const program = this.all ?? (this.standsAlone(tree, declared) ? this.alone : this.whole());
    return { ...program.notebook.draft(source, declared), service: program.service };
  }

  /** Reads the types of modules that cells are going to import: theirs is then a matter of milliseconds. */
  warm(modules: readonly string[]): void {
    if (modules.length > 0) this.whole().warm(modules);
  }

  /** Forgets every cell, and looks at the sources on disk again. */
  reset(): void {
    this.alone.reset();
    this.all?.reset();
    this.added = [];
  }

  /** Steps of some milliseconds after which the project's library is read faster; none if that was done before. */
  preparations(): (() => void)[] {
    return this.places.outlines.missing();
  }

  /** Keeps on disk what a kernel that starts later can use. */
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

  /** It imports nothing, and each name of the notebook that it may mean is that of a cell like it. */
  private standsAlone(tree: ts.SourceFile, declared: readonly Declared[]): boolean {
    const own = new Set(declared.map(({ name }) => name));
    const elsewhere = (name: string) =>
      this.all?.notebook.has(name) === true && !this.alone.notebook.has(name) && !own.has(name);
    // In JavaScript `require` and JSDoc bring types too.
    const brings = this.places.language === 'javascript' && /\brequire\b|\bimport\s*\(|@import\b/.test(tree.text);
    return !brings && importsNothing(tree) && !mentions(tree, elsewhere);
  }
}

/** Whether an identifier of the text, whatever it stands for, is one of those. */
function mentions(node: ts.Node, those: (name: string) => boolean): boolean {
  if (ts.isIdentifier(node)) return those(node.text);
  return ts.forEachChild(node, (child) => mentions(child, those) || undefined) === true;
}

/** A cell's text as a tree, without types. */
export function parse(source: string, language: CellLanguage = 'typescript'): ts.SourceFile {
  const kind = language === 'javascript' ? ts.ScriptKind.JS : ts.ScriptKind.TS;
  return ts.createSourceFile(join('/', 'cell'), source, ts.ScriptTarget.Latest, true, kind);
}
