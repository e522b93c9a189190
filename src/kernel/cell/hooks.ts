/**
 * Node's module hooks of the cell process, in their own thread: what tsx, which comes after them, doesn't do.
 *
 * - The project's library comes from its build, whatever name a cell or a script calls it by.
 * - What the notebook's folder can't find is looked for from the project.
 * - A person's TypeScript file is an ES module wherever it lies, as cells are (Node would ask for "type" in a package.json).
 * - Files of packages and of the build import each other without asking tsx: half the time of arquero or ml-kmeans.
 */
import { existsSync, readFileSync } from 'node:fs';
import type { LoadHook, ResolveFnOutput, ResolveHook, ResolveHookContext } from 'node:module';
import { fileURLToPath } from 'node:url';

/** Addresses of folders, all ending in a slash. */
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
const scopes = new Map<string, boolean>();

export function initialize(data: HookPlaces): void {
  places = data;
}

export const resolve: ResolveHook = async (specifier, context, next) => {
  const inner = withinPackage(specifier, context.parentURL);
  if (inner !== undefined) return { url: inner, format: 'module', shortCircuit: true };
  const found = await find(specifier, context, next);
  const translated = inLibrary(found.url);
  if (translated !== undefined) return { url: translated, format: 'module', shortCircuit: true };
  const script = found.format === 'commonjs' && /^file:(?!.*\/node_modules\/).*\.tsx?(?:\?|$)/.test(found.url);
  return script ? { ...found, format: 'module' } : found;
};

export const load: LoadHook = async (url, context, next) => {
  if (context.format !== 'module' || !isFinished(url)) return next(url, context);
  return { format: 'module', source: readFileSync(fileURLToPath(url)), shortCircuit: true };
};

/** The file that a module of a package or of the build means by a relative path; undefined if that isn't plain. */
function withinPackage(specifier: string, parent: string | undefined): string | undefined {
  if (parent === undefined || !/^\.\.?\//.test(specifier) || !isFinished(parent)) return undefined;
  const url = new URL(specifier, parent).href;
  return isFinished(url) && isModule(url) && existsSync(fileURLToPath(url)) ? url : undefined;
}

/** JavaScript that nobody needs to translate. */
function isFinished(url: string): boolean {
  return /^file:.*\.m?js$/.test(url) && (url.includes('/node_modules/') || isBuilt(url));
}

function isBuilt(url: string): boolean {
  return places.library !== undefined && url.startsWith(places.library);
}

function isModule(url: string): boolean {
  return url.endsWith('.mjs') || inModuleScope(new URL('.', url).href);
}

/** Whether the nearest package.json makes `.js` mean an ES module. */
function inModuleScope(folder: string): boolean {
  const known = scopes.get(folder);
  if (known !== undefined) return known;
  const file = fileURLToPath(new URL('package.json', folder));
  const above = new URL('..', folder).href;
  let found = false;
  if (existsSync(file)) found = (JSON.parse(readFileSync(file, 'utf8')) as { type?: string }).type === 'module';
  else if (above !== folder && !folder.endsWith('/node_modules/')) found = inModuleScope(above);
  scopes.set(folder, found);
  return found;
}

/** Where the build has a file of the project's library. */
function inLibrary(url: string): string | undefined {
  const source = `${places.root}src/`;
  if (places.library === undefined || !url.startsWith(source) || !url.endsWith('.ts')) return undefined;
  const translated = `${places.library}${url.slice(source.length, -3)}.mjs`;
  return existsSync(fileURLToPath(translated)) ? translated : undefined;
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
