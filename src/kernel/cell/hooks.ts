/**
 * Node's module hooks of the cell process, in their own thread. They run before tsx's, and add what tsx doesn't do:
 *
 * - The project's library is loaded from its build, by whatever path a script imports it.
 * - What isn't found from the notebook's folder is looked up from the project.
 * - A user's TypeScript file is an ES module wherever it lies, as cells are (Node would want "type" in a package.json).
 */
import { readFileSync } from 'node:fs';
import type { LoadHook, ResolveFnOutput, ResolveHook, ResolveHookContext } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { builtFile } from './library';

/** URLs of folders, all ending in a slash. */
export interface HookPlaces {
  /** The project. */
  root: string;
  /** The notebook. */
  folder: string;
  /** The build of the project's library, if there is one. */
  library: string | undefined;
}

type NextResolve = Parameters<ResolveHook>[2];

let places: HookPlaces;

export function initialize(data: HookPlaces): void {
  places = data;
}

export const resolve: ResolveHook = async (specifier, context, next) => {
  // Imports in the build name exact files, so no lookup is needed.
  if (isBuilt(context.parentURL) && specifier.startsWith('.')) {
    return { url: new URL(specifier, context.parentURL).href, format: 'module', shortCircuit: true };
  }
  const found = await find(specifier, context, next);
  const built = inLibrary(found.url);
  if (built !== undefined) return { url: built, format: 'module', shortCircuit: true };
  const script = found.format === 'commonjs' && /^file:(?!.*\/node_modules\/).*\.tsx?(?:\?|$)/.test(found.url);
  return script ? { ...found, format: 'module' } : found;
};

export const load: LoadHook = async (url, context, next) =>
  isBuilt(url)
    ? { format: 'module', source: readFileSync(fileURLToPath(url)), shortCircuit: true }
    : next(url, context);

function isBuilt(url: string | undefined): boolean {
  return places.library !== undefined && url?.startsWith(places.library) === true;
}

/** The URL of a library file in the build; undefined if it has none. */
function inLibrary(url: string): string | undefined {
  if (places.library === undefined || !/^file:.*\.ts$/.test(url)) return undefined;
  const built = builtFile(fileURLToPath(url), fileURLToPath(places.root), fileURLToPath(places.library));
  return built && pathToFileURL(built).href;
}

async function find(specifier: string, context: ResolveHookContext, next: NextResolve): Promise<ResolveFnOutput> {
  try {
    return await next(specifier, context);
  } catch (error) {
    const bare = !/^([./]|[a-z]+:)/.test(specifier);
    const missing = (error as { code?: string }).code === 'ERR_MODULE_NOT_FOUND';
    if (!missing || !bare || !context.parentURL?.startsWith(places.folder)) throw error;
    return next(specifier, { ...context, parentURL: `${places.root}package.json` });
  }
}
