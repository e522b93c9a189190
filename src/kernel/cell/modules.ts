/**
 * How cells import modules: the project's library from its build, packages from the notebook's folder or else the
 * project, and other TypeScript through tsx. With tsx's hooks, Node asks another thread for every file that it loads, so
 * they are installed only when a cell imports something that needs them.
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

  /** `import()` of cells. */
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

  /** Loads the ES modules that a cell's text requires. */
  async prepareRequires(source: string): Promise<void> {
    if (/\brequire\b/.test(source)) await this.required.prepare(source, this.import, await this.library());
  }

  /** Builds the library before a cell asks for it. Later edits aren't missed: each cell checks the build again. */
  async prepare(): Promise<void> {
    await buildLibrary(this.places.root).catch(() => undefined);
  }

  /** Installs the hooks with which `import` and `require` load any TypeScript. */
  useHooks(): Promise<void> {
    this.hooks ??= (async () => {
      const { root, folder, programs } = this.places;
      const [modules, scripts, library] = await Promise.all([
        import('tsx/esm/api'),
        import('tsx/cjs/api'),
        this.library(),
      ]);
      process.setSourceMapsEnabled(true); // tsx passes source maps to Node inline only.
      modules.register();
      scripts.register();
      const data: HookPlaces = { root: address(root), folder: address(folder), library: library && address(library) };
      register(pathToFileURL(join(programs, 'cell', 'hooks.mjs')), { data });
    })();
    return this.hooks;
  }

  /** How to import a file of the library or a package without hooks; undefined for anything else. */
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
      // The project by its own name, or else a package, which Node resolves again with import conditions.
      return /\.[cm]?tsx?$/.test(found) ? this.fromLibrary(found) : { load, specifier };
    }
    return undefined;
  }

  private async fromLibrary(source: string | undefined): Promise<{ load: Import; specifier: string } | undefined> {
    const built = source && builtFile(source, this.places.root, await this.library());
    return built ? { load: this.fromRoot, specifier: pathToFileURL(built).href } : undefined;
  }

  /** The build. If it fails (a half-edited source, no writable folder), tsx loads the library. */
  private library(): Promise<string | undefined> {
    this.building ??= buildLibrary(this.places.root).catch(() => undefined);
    return this.building;
  }
}

/** `import()` of a script in that folder. */
function importFrom(folder: string): Import {
  const script = new Script('(name, options) => import(name, options)', {
    filename: join(folder, '.cell.ts'),
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  return script.runInThisContext() as Import;
}

/** The file of a package as seen from a folder; '' if the package is there, but only `import` resolves it. */
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
