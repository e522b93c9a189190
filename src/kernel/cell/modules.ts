/**
 * How cells import modules: the project's library as it was built, packages from the notebook's folder or else from the
 * project, and other TypeScript by tsx. With its hooks Node asks another thread for every file that it loads: so they
 * are installed when a cell imports something that needs them.
 */
import { createRequire, isBuiltin, register } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { constants, Script } from 'node:vm';
import { buildLibrary } from '../build.mjs';
import { packageName } from '../specifiers';
import type { HookPlaces } from './hooks';
import { builtFile, sourceFile } from './library';
import type { Import, ModulePlaces } from './places';
import { CellRequire } from './require';

export class Modules {
  private readonly fromFolder: Import;
  private readonly fromRoot: Import;
  private readonly required: CellRequire;
  private building: Promise<string | undefined> | undefined;
  private hooks: Promise<void> | undefined;

  constructor(private readonly places: ModulePlaces) {
    this.fromFolder = importFrom(places.folder);
    this.fromRoot = importFrom(places.root);
    this.required = new CellRequire(places);
  }

  /** What `import()` does in a cell. */
  readonly import: Import = async (name, options) => {
    const specifier = packageName(name);
    if (isBuiltin(specifier)) return this.fromFolder(specifier, options);
    const plain = this.hooks ? undefined : await this.withoutHooks(specifier);
    if (plain) return plain.load(plain.specifier, options);
    await this.useHooks();
    return this.fromFolder(specifier, options);
  };

  /** `require()` of cells. */
  get require(): NodeJS.Require {
    return this.required.require;
  }

  /** Makes ready what a cell's text requires. */
  async prepareRequires(source: string): Promise<void> {
    if (/\brequire\b/.test(source)) await this.required.prepare(source, this.import, await this.library());
  }

  /** Builds the library before a cell asks for it. An edit that comes between is seen: the cell looks again. */
  async prepare(): Promise<void> {
    await buildLibrary(this.places.root).catch(() => undefined);
  }

  /** Has Node load TypeScript of any kind, by `import` and by `require`. */
  useHooks(): Promise<void> {
    this.hooks ??= (async () => {
      const { root, folder, programs } = this.places;
      const [modules, scripts, library] = await Promise.all([
        import('tsx/esm/api'),
        import('tsx/cjs/api'),
        this.library(),
      ]);
      process.setSourceMapsEnabled(true); // Maps are part of what tsx hands to Node, and are nowhere else.
      modules.register();
      scripts.register();
      const data: HookPlaces = { root: address(root), folder: address(folder), library: library && address(library) };
      register(pathToFileURL(join(programs, 'cell', 'hooks.mjs')), { data });
    })();
    return this.hooks;
  }

  /** How Node itself imports a file of the library or a package; undefined for anything else. */
  private async withoutHooks(specifier: string): Promise<{ load: Import; specifier: string } | undefined> {
    const { folder, root } = this.places;
    if (/^\.\.?(?:\/|$)/.test(specifier)) return this.fromLibrary(sourceFile(join(folder, specifier)));
    if (/^(?:\/|#|[a-z]+:)/i.test(specifier)) return undefined;
    for (const { base, load } of [
      { base: folder, load: this.fromFolder },
      { base: root, load: this.fromRoot },
    ]) {
      const found = findPackage(specifier, base);
      if (found === undefined) continue;
      // The project, by its own name; else a package, whose file Node finds again by the conditions of an import.
      return /\.[cm]?tsx?$/.test(found) ? this.fromLibrary(found) : { load, specifier };
    }
    return undefined;
  }

  private async fromLibrary(source: string | undefined): Promise<{ load: Import; specifier: string } | undefined> {
    const built = source && builtFile(source, this.places.root, await this.library());
    return built ? { load: this.fromRoot, specifier: pathToFileURL(built).href } : undefined;
  }

  /** The build. What can't be built (a source is half edited, no folder can be written to) is left to tsx. */
  private library(): Promise<string | undefined> {
    this.building ??= buildLibrary(this.places.root).catch(() => undefined);
    return this.building;
  }
}

/** `import()` as a script in that folder has it. */
function importFrom(folder: string): Import {
  const script = new Script('(name, options) => import(name, options)', {
    filename: join(folder, '.cell.ts'),
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  return script.runInThisContext() as Import;
}

/** The file of a package that a folder sees; '' if the package is there, but only `import` finds its file. */
function findPackage(specifier: string, folder: string): string | undefined {
  try {
    return createRequire(join(folder, '.cell.ts')).resolve(specifier);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ERR_PACKAGE_PATH_NOT_EXPORTED' ? '' : undefined;
  }
}

function address(folder: string): string {
  return pathToFileURL(`${folder}/`).href;
}
