/**
 * Checks and compiles cells with the stock TypeScript language service. Pure of processes and sockets.
 *
 * What TypeScript does for each cell anew grows with all that the notebook has imported (1,500 files after TensorFlow
 * and this library: 15 ms). So there are two worlds of the same cells. A cell that uses nothing of what was imported is
 * checked among those like it, in 3 ms; every other cell, and every objection, is a matter for the whole.
 */
import { join, sep } from 'node:path';
import ts from 'typescript';
import { type Declared, declaredNames } from './declarations';
import { cellOptions } from './host';
import { importedModules, importsNothing, loadableEarly } from './imports';
import type { CellModule } from './notebook';
import { Outlines } from './outlines';
import { type Problem, type Script, World, type WorldOptions } from './world';

export type { Problem } from './world';

/** A cell ready to run. */
export interface CompiledCell extends Script {
  source: string;
  declared: Declared[];
  /** It was checked without what others import. */
  alone: boolean;
}

export type Compilation = { ok: true; cell: CompiledCell } | { ok: false; problems: Problem[] };

interface AddedCell {
  source: string;
  declared: Declared[];
  visible: Declared[];
}

export class CellCompiler {
  private readonly places: Omit<WorldOptions, 'name'>;
  /** The cells that import nothing and use nothing imported. */
  private readonly alone: World;
  /** All cells; made when one imports something. */
  private all: World | undefined;
  /** What `all` is to begin with. */
  private added: AddedCell[] = [];

  /**
   * @param folder The notebook's folder.
   * @param root The project's folder, whose packages every notebook can import.
   * @param cache Where the outlines of the project's library are kept.
   */
  constructor(folder: string, root: string, cache?: string) {
    this.places = {
      folder,
      root,
      options: cellOptions(folder, root),
      documents: ts.createDocumentRegistry(),
      outlines: new Outlines({ library: join(root, 'src') + sep, cache }),
    };
    this.alone = new World({ ...this.places, name: 'alone' });
  }

  /**
   * Type-checks and compiles a cell. Its names become visible to later cells by `commit`.
   * @param onImports Told what may be loaded while the check is going on.
   */
  compile(source: string, onImports?: (modules: string[]) => void): Compilation {
    const tree = parse(source);
    const declared = declaredNames(tree);
    const { folder, root } = this.places;
    const early = onImports ? loadableEarly(importedModules(tree, { values: true }), folder, root) : [];
    if (early.length > 0) onImports?.(early);
    const alone = this.standsAlone(tree, declared);
    const first = alone ? this.alone.compile(source, declared) : undefined;
    if (first && 'javascript' in first) return { ok: true, cell: { ...first, source, declared, alone: true } };
    // With nothing imported, its objections stand; else a module may have brought a global type.
    const found = first && !this.all ? first : this.whole().compile(source, declared);
    if (!('javascript' in found)) return { ok: false, problems: found };
    return { ok: true, cell: { ...found, source, declared, alone: false } };
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
    const tree = parse(source);
    const declared = declaredNames(tree);
    const world = this.all ?? (this.standsAlone(tree, declared) ? this.alone : this.whole());
    return { ...world.notebook.draft(source, declared), service: world.service };
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

  private whole(): World {
    if (this.all) return this.all;
    this.all = new World({ ...this.places, name: 'all' });
    for (const { source, declared, visible } of this.added.splice(0)) this.all.add(source, declared, visible);
    return this.all;
  }

  /** It imports nothing, and each name of the notebook that it may mean is that of a cell like it. */
  private standsAlone(tree: ts.SourceFile, declared: readonly Declared[]): boolean {
    const own = new Set(declared.map(({ name }) => name));
    const elsewhere = (name: string) =>
      this.all?.notebook.has(name) === true && !this.alone.notebook.has(name) && !own.has(name);
    return importsNothing(tree) && !mentions(tree, elsewhere);
  }
}

/** Whether an identifier of the text, whatever it stands for, is one of those. */
function mentions(node: ts.Node, those: (name: string) => boolean): boolean {
  if (ts.isIdentifier(node)) return those(node.text);
  return ts.forEachChild(node, (child) => mentions(child, those) || undefined) === true;
}

/** A cell's text as a tree, without types. */
export function parse(source: string): ts.SourceFile {
  return ts.createSourceFile(join('/', 'cell.ts'), source, ts.ScriptTarget.Latest, true);
}
