/**
 * `require()` of cells finds what `import` finds, from the notebook's folder or else from the project. Required ES
 * modules are imported before the cell runs, so they may use top-level await, and `import` gives the same objects.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire, isBuiltin } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { builtFile, sourceFile } from './library';
import type { Import, ModulePlaces } from './places';

/** `import.meta.resolve` with a second argument, which needs a flag of Node that the server sets. */
const importMeta = import.meta as unknown as { resolve(specifier: string, parent: string): string };

export class CellRequire {
  /** `require` of cells. */
  readonly require: NodeJS.Require;
  private readonly own: NodeJS.Require;
  /** ES modules that a cell requires, by file. */
  private readonly imported = new Map<string, unknown>();
  private readsTypeScript = false;

  constructor(private readonly places: ModulePlaces) {
    this.own = createRequire(join(places.folder, 'cell.ts'));
    const resolve = (name: string, options?: NodeJS.RequireResolveOptions): string =>
      (options?.paths ? undefined : this.find(name)) ?? this.own.resolve(name, options);
    const require = (name: string): unknown => {
      const file = resolve(name); // If there is no such module, Node's error lists where it looked.
      if (this.imported.has(file)) return this.imported.get(file);
      if (/\.[cm]?tsx?$/.test(file)) this.readTypeScript();
      return this.own(file);
    };
    this.require = Object.assign(require, this.own, {
      resolve: Object.assign(resolve, { paths: this.own.resolve.paths }),
    });
  }

  /**
   * Imports the ES modules that a cell's text requires by name.
   * @param library The folder of the library's build, if there is one.
   */
  async prepare(source: string, load: Import, library: string | undefined): Promise<void> {
    for (const [, name] of source.matchAll(/\brequire\s*\(\s*['"]([^'"\n]+)['"]\s*\)/g)) {
      const file = this.find(name!);
      if (file === undefined || isBuiltin(name!)) continue;
      const ours = builtFile(file, this.places.root, library) !== undefined;
      if (this.imported.has(file) || !(ours || isModule(file))) continue;
      // What fails here fails again where the cell requires it, with an error.
      await load(name!)
        .then((module) => this.imported.set(file, module))
        .catch(() => undefined);
    }
  }

  private find(name: string): string | undefined {
    const { folder, root } = this.places;
    if (/^\.{0,2}\//.test(name)) return resolveFrom(folder, name) ?? sourceFile(join(folder, name));
    return resolveFrom(folder, name) ?? resolveFrom(root, name);
  }

  private readTypeScript(): void {
    if (this.readsTypeScript) return;
    this.readsTypeScript = true;
    const { register } = createRequire(join(this.places.root, 'package.json'))('tsx/cjs/api') as { register(): void };
    register();
  }
}

/** The file that a name resolves to from a folder, with the conditions of `require` or else those of `import`. */
function resolveFrom(folder: string, name: string): string | undefined {
  const script = join(folder, 'cell.ts');
  try {
    return createRequire(script).resolve(name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_PACKAGE_PATH_NOT_EXPORTED') return undefined;
  }
  return fileURLToPath(importMeta.resolve(name, pathToFileURL(script).href));
}

/** Whether Node treats a file as an ES module. */
function isModule(file: string): boolean {
  if (!file.endsWith('.js')) return file.endsWith('.mjs');
  for (let folder = dirname(file); folder !== dirname(folder); folder = dirname(folder)) {
    const description = join(folder, 'package.json');
    if (existsSync(description)) return /"type"\s*:\s*"module"/.test(readFileSync(description, 'utf8'));
  }
  return false;
}
