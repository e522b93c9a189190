/** How cells load modules: tsx for TypeScript, and the project's packages from a notebook that lies anywhere. */
import { register } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * Resolve hook, in the loader's thread: what the notebook's folder can't find is looked for from the project, and a
 * TypeScript file is an ES module wherever it lies, as cells are (Node would ask for "type" in a package.json).
 */
const FALLBACK = `
let root, folder;
export function initialize(data) { ({ root, folder } = data); }
export async function resolve(specifier, context, next) {
  const found = await find(specifier, context, next);
  const script = found.format === 'commonjs' && /^file:(?!.*\\/node_modules\\/).*\\.tsx?(?:\\?|$)/.test(found.url);
  return script ? { ...found, format: 'module' } : found;
}
async function find(specifier, context, next) {
  try {
    return await next(specifier, context);
  } catch (error) {
    const bare = !/^([./]|[a-z]+:)/.test(specifier);
    if (error?.code !== 'ERR_MODULE_NOT_FOUND' || !bare || !context.parentURL?.startsWith(folder)) throw error;
    return next(specifier, { ...context, parentURL: root });
  }
}`;

/** Returns a function that makes the hooks ready; they cost a thread and 100 ms, so the first import pays for them. */
export function installLoader(root: string, folder: string): () => Promise<void> {
  let ready: Promise<void> | undefined;
  return () => {
    ready ??= (async () => {
      const [modules, scripts] = await Promise.all([import('tsx/esm/api'), import('tsx/cjs/api')]);
      modules.register();
      scripts.register();
      register(`data:text/javascript,${encodeURIComponent(FALLBACK)}`, {
        parentURL: import.meta.url,
        data: { root: pathToFileURL(join(root, 'package.json')).href, folder: pathToFileURL(`${folder}/`).href },
      });
    })();
    return ready;
  };
}
