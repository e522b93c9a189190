/**
 * The notebook as the type checker sees it: each cell is a module, which imports the names of earlier cells.
 *
 * The list of modules and what each imports stay the same from cell to cell (empty slots wait for later cells, and one
 * module re-exports every visible name), so TypeScript reuses its whole program: 6 ms per cell instead of 30. Types are
 * inferred from the text of earlier cells; emitted declarations would lose some.
 */
import { join } from 'node:path';
import type { Declared } from './declarations';
import { type GlobalPiece, type ModuleDeclaration, withoutRanges } from './globals';

/** One virtual module. */
export interface VirtualFile {
  text: string;
  version: number;
}

/** A cell's module: its file, and where the cell's text starts in it. */
export interface CellModule {
  file: string;
  /** Length of the generated line (the prelude) before the cell's text. */
  offset: number;
}

interface Visible {
  slot: number;
  assignable: boolean;
  ambient: boolean;
}

export interface NotebookOptions {
  /** The notebook's folder: relative imports resolve from it. */
  folder: string;
  /** Part of the names of its files; different for programs that share parsed files. */
  name: string;
  /** Declarations of names that every cell has. */
  ambient: string;
  /** Extension of its files, by the language of its cells. */
  extension: '.ts' | '.js';
}

/** What a cell declares outside its own module (see globals.ts). */
export interface BeyondCell {
  /** Declared names, which a later cell may declare again. */
  pieces: GlobalPiece[];
  /** Declared modules that have no types elsewhere. */
  modules: ModuleDeclaration[];
  /** Modules whose existing types are augmented. */
  augmented: string[];
}

/** The same, once the cell has a slot. */
interface Beyond {
  /** The slot's text, and where the cell's text begins in it. */
  text: string;
  offset: number;
  pieces: GlobalPiece[];
  /** Declarations of modules that have no types elsewhere. */
  modules: { name: string; text: string }[];
}

const BLOCK = 64;

/** Removes our internal module, by which cells import names, from a text of the type checker. */
export function inCellsWords(text: string): string {
  return text.replaceAll('__names.', '');
}

export class Notebook {
  readonly files = new Map<string, VirtualFile>();
  private readonly names = new Map<string, Visible>();
  /** What cells declare outside their modules, by slot, the latest last. */
  private readonly beyond = new Map<number, Beyond>();
  private slots = 0;
  private free = 1;
  private readonly namesFile: string;
  private readonly namesModule: string;
  private readonly empty: string;
  private readonly draftFile: string;
  private readonly warmFile: string;

  constructor(private readonly options: NotebookOptions) {
    const { name, extension } = options;
    this.namesFile = this.file('names');
    this.namesModule = `'./.${name}-names${extension === '.js' ? extension : ''}'`;
    this.empty = `export {}; import * as __names from ${this.namesModule}; import {} from ${this.namesModule};`;
    this.draftFile = this.file('draft');
    this.warmFile = this.file('warm');
    this.write(this.draftFile, this.empty);
    this.writeGlobals();
    this.warm([]);
    this.grow();
  }

  /** The notebook's folder. */
  get folder(): string {
    return this.options.folder;
  }

  /** Forgets every cell; the slots stay, empty, so that TypeScript can reuse the program. */
  reset(): void {
    this.names.clear();
    this.beyond.clear();
    for (let slot = 1; slot <= this.slots; slot++) this.write(this.slotFile(slot), this.empty);
    this.free = 1;
    this.writeNames();
    this.writeGlobals();
  }

  /** Whether a name is visible to the next cell. */
  has(name: string): boolean {
    return this.names.has(name);
  }

  /** Hides names from later cells, because a cell outside this program has declared them again. */
  hide(names: readonly Declared[]): void {
    const hidden = names.filter(({ name }) => this.names.delete(name));
    if (hidden.length > 0) this.writeNames();
  }

  /**
   * Puts a cell into the next free slot.
   * @param declared What it declares at its top level.
   * @param beyond What it declares outside its module.
   */
  place(source: string, declared: readonly Declared[], beyond: BeyondCell): CellModule & { slot: number } {
    if (this.free > this.slots) this.grow();
    const slot = this.free;
    const { modules, pieces, augmented } = beyond;
    const module = this.fill(this.slotFile(slot), withoutRanges(source, modules), declared, augmented);
    this.beyond.delete(slot);
    if (modules.length > 0 || pieces.length > 0) {
      const declarations = modules.map(({ name, start, end }) => ({ name, text: source.slice(start, end) }));
      this.beyond.set(slot, {
        text: this.files.get(module.file)!.text,
        offset: module.offset,
        pieces,
        modules: declarations,
      });
    }
    this.supersede();
    return { slot, ...module };
  }

  /** Puts unfinished text into a module for completion and inspection. */
  draft(source: string, declared: readonly Declared[]): CellModule {
    return this.fill(this.draftFile, source, declared);
  }

  /** Keeps modules in the program, whether a cell imports them or not. */
  warm(modules: readonly string[]): string {
    this.write(this.warmFile, `export {};${modules.map((name) => `import ${JSON.stringify(name)};`).join('')}`);
    return this.warmFile;
  }

  /** Makes the names of the last placed cell visible to later cells. If it has none, its slot is reused. */
  commit(slot: number, declared: readonly Declared[]): void {
    if (slot !== this.free || (declared.length === 0 && !this.beyond.has(slot))) return;
    for (const { name, assignable, ambient } of declared) {
      this.names.delete(name);
      this.names.set(name, { slot, assignable, ambient });
    }
    this.free++;
    this.writeNames();
  }

  private slotFile(slot: number): string {
    return this.file(String(slot));
  }

  private file(part: string): string {
    const { folder, name, extension } = this.options;
    return join(folder, `.${name}-${part}${extension}`);
  }

  /** Blanks out older declarations of names that a later cell has declared again. */
  private supersede(): void {
    const again = new Set<string>();
    for (const [slot, { text, offset, pieces }] of [...this.beyond].reverse()) {
      const gone = pieces.filter(({ key }) => again.has(key));
      const shifted = gone.map(({ start, end }) => ({ start: start + offset, end: end + offset }));
      this.write(this.slotFile(slot), withoutRanges(text, shifted));
      for (const { key } of pieces) again.add(key);
    }
    this.writeGlobals();
  }

  private writeGlobals(): void {
    const modules = new Map(
      [...this.beyond.values()].flatMap(({ modules }) => modules).map(({ name, text }) => [name, text]),
    );
    const { folder, name, ambient } = this.options;
    this.write(join(folder, `.${name}-globals.d.ts`), [ambient, ...modules.values()].join('\n'));
  }

  private fill(
    file: string,
    source: string,
    declared: readonly Declared[],
    augmented: readonly string[] = [],
  ): CellModule {
    const own = new Set(declared.map(({ name }) => name));
    const seen = [...this.names].filter(([name]) => !own.has(name));
    const imported = seen.filter(([, { assignable }]) => !assignable).map(([name]) => name);
    // `let`: a variable of the notebook; `var`: a name that was only declared by `declare`.
    const variables = seen
      .filter(([, { assignable }]) => assignable)
      .map(([name, { ambient }]) => `declare ${ambient ? 'var' : 'let'} ${name}: typeof __names.${name};`);
    const prelude =
      `export {}; import * as __names from ${this.namesModule}; import { ${imported.join(', ')} } from ${this.namesModule};` +
      `${variables.join(' ')}${augmented.map((module) => `import type {} from ${JSON.stringify(module)};`).join('')}\n`;
    const exports = new Set(declared.filter(({ exported }) => !exported).map(({ name }) => name));
    this.write(file, `${prelude}${source}\nexport { ${[...exports].join(', ')} };`);
    return { file, offset: prelude.length };
  }

  private grow(): void {
    for (let slot = this.slots + 1; slot <= this.slots + BLOCK; slot++) this.write(this.slotFile(slot), this.empty);
    this.slots += BLOCK;
    this.writeNames();
  }

  private writeNames(): void {
    const { name, extension } = this.options;
    const bySlot = Array.from({ length: this.slots + 1 }, (): string[] => []);
    for (const [visible, { slot }] of this.names) bySlot[slot]!.push(visible);
    const lines = bySlot
      .slice(1)
      .map(
        (names, index) =>
          `export { ${names.join(', ')} } from './.${name}-${index + 1}${extension === '.js' ? extension : ''}';`,
      );
    this.write(this.namesFile, lines.join('\n'));
  }

  private write(file: string, text: string): void {
    const old = this.files.get(file);
    if (old?.text === text) return;
    this.files.set(file, { text, version: (old?.version ?? 0) + 1 });
  }
}
