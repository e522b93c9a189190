/** How cells load modules: the library as it was built, tsx for other TypeScript, and hooks for the rest. */
import { register } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildLibrary } from '../build.mjs';
import type { HookPlaces } from './hooks';

/**
 * Returns a function that makes the hooks ready; they cost a thread and 100 ms, so the first import pays for them.
 * @param root The project's folder.
 * @param folder The notebook's folder.
 * @param programs Folder of the bundled kernel.
 */
export function installLoader(root: string, folder: string, programs: string): () => Promise<void> {
  let ready: Promise<void> | undefined;
  return () => {
    ready ??= (async () => {
      const [modules, scripts, library] = await Promise.all([
        import('tsx/esm/api'),
        import('tsx/cjs/api'),
        // What can't be built (a source is being edited, no folder can be written to) is left to tsx, file by file.
        buildLibrary(root).catch(() => undefined),
      ]);
      modules.register();
      scripts.register();
      const data: HookPlaces = { root: address(root), folder: address(folder), library: library && address(library) };
      register(pathToFileURL(join(programs, 'cell', 'hooks.mjs')), { data });
    })();
    return ready;
  };
}

function address(folder: string): string {
  return pathToFileURL(`${folder}/`).href;
}
