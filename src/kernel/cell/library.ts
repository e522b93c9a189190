/** Finds TypeScript files, and their built versions in the project's library (`build.mjs`). */
import { existsSync } from 'node:fs';
import { join, sep } from 'node:path';

/** The built file of a source; undefined if the source isn't part of the library, or there is no build. */
export function builtFile(source: string, root: string, library: string | undefined): string | undefined {
  const folder = join(root, 'src') + sep;
  if (library === undefined || !source.startsWith(folder) || !source.endsWith('.ts')) return undefined;
  const built = join(library, `${source.slice(folder.length, -3)}.mjs`);
  return existsSync(built) ? built : undefined;
}

/** The TypeScript file that an import's path refers to. */
export function sourceFile(path: string): string | undefined {
  return [path, `${path}.ts`, path.replace(/\.js$/, '.ts'), join(path, 'index.ts')].find(
    (file) => file.endsWith('.ts') && existsSync(file),
  );
}
