/** Files that are there whole or not at all, on a local disk or a shared file system. */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { copyFile, link, mkdir, open, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { StoreFullError, systemCode } from '../errors';

/** The file by which a folder is known as a store. `gc` deletes nowhere else. */
export const MARKER = 'stillhouse-store';

let temporaries = 0;

/** A fresh name under the store's `tmp` folder. */
export function temporaryName(root: string): string {
  return join(root, 'tmp', `${process.pid}-${++temporaries}-${randomBytes(6).toString('hex')}`);
}

/**
 * Writes a file under a temporary name, syncs it to the disk, and returns that name; it's removed if anything fails.
 * @throws StoreFullError where the disk or the quota is full
 */
export async function writeTemporary(root: string, content: string | Uint8Array, mode: number): Promise<string> {
  const name = temporaryName(root);
  try {
    await mark(root);
    const file = await openInside(name, mode);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    return name;
  } catch (error) {
    await rm(name, { force: true });
    throw fullOr(root, error);
  }
}

/** Copies a file in under a temporary name, synced. */
export async function copyTemporary(root: string, source: string, mode: number): Promise<string> {
  const name = temporaryName(root);
  try {
    await mark(root);
    await mkdir(dirname(name), { recursive: true });
    await copyFile(source, name);
    // To read: a copy has its source's mode, and whoever may only read the source may sync and change it all the same.
    const file = await open(name, 'r');
    try {
      await file.chmod(mode);
      await file.sync();
    } finally {
      await file.close();
    }
    return name;
  } catch (error) {
    await rm(name, { force: true });
    throw fullOr(root, error);
  }
}

/** Moves a finished temporary file to its place, replacing what is there. */
export async function moveInto(root: string, temporary: string, path: string): Promise<void> {
  try {
    await rename(temporary, path).catch(async (error: unknown) => {
      if (systemCode(error) !== 'ENOENT') throw error;
      await mkdir(dirname(path), { recursive: true });
      await rename(temporary, path);
    });
  } catch (error) {
    await rm(temporary, { force: true });
    throw fullOr(root, error);
  }
}

/** Moves a finished temporary file to its place unless something is there; says whether it did. */
export async function placeOnce(root: string, temporary: string, path: string): Promise<boolean> {
  try {
    for (;;) {
      try {
        await link(temporary, path);
        return true;
      } catch (error) {
        const code = systemCode(error);
        if (code === 'EEXIST') return false;
        // The folder was missing; another writer may have made it since, so its being there now says nothing.
        if (code === 'ENOENT' && existsSync(temporary)) {
          await mkdir(dirname(path), { recursive: true });
          continue;
        }
        // A file system without hard links: the last writer wins, and both wrote the same.
        if (code === 'EPERM' || code === 'ENOTSUP' || code === 'EOPNOTSUPP') {
          await moveInto(root, temporary, path);
          return true;
        }
        throw error;
      }
    }
  } catch (error) {
    throw fullOr(root, error);
  } finally {
    await rm(temporary, { force: true });
  }
}

/** A hard link, or a copy where links can't be made. */
export async function linkOrCopy(source: string, target: string): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  try {
    await link(source, target);
  } catch (error) {
    if (!['EXDEV', 'EPERM', 'EMLINK', 'ENOTSUP', 'EOPNOTSUPP'].includes(systemCode(error) ?? '')) throw error;
    await copyFile(source, target);
  }
}

/** The file's text, or undefined where there is none. */
export function readIfThere(path: string): string | undefined {
  for (let tries = 1; ; tries++) {
    try {
      return readFileSync(path, 'utf8');
    } catch (error) {
      const code = systemCode(error);
      if (code === 'ENOENT') return undefined;
      // On NFS: another machine replaced it while it was being read.
      if (code !== 'ESTALE' || tries > 3) throw error;
    }
  }
}

/** The nearest folder at or above `from` that has a package.json; `from` itself where there is none. */
export function projectRoot(from = process.cwd()): string {
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return folder;
    if (dirname(folder) === folder) return resolve(from);
  }
}

/** Makes a folder known as a store, before anything is put into it. */
async function mark(root: string): Promise<void> {
  const marker = join(root, MARKER);
  if (existsSync(marker)) return;
  await mkdir(root, { recursive: true });
  await writeFile(
    marker,
    'A store of results: `npx stillhouse store ls` lists them, `store gc` deletes in this folder.\n',
  );
}

async function openInside(name: string, mode: number) {
  return open(name, 'wx', mode).catch(async (error: unknown) => {
    if (systemCode(error) !== 'ENOENT') throw error;
    await mkdir(dirname(name), { recursive: true });
    return open(name, 'wx', mode);
  });
}

function fullOr(root: string, error: unknown): unknown {
  return ['ENOSPC', 'EDQUOT'].includes(systemCode(error) ?? '') ? new StoreFullError(root, error) : error;
}
