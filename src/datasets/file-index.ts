/** Content hashes of files, kept on disk so that a folder is read in full only once. */

import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { writeWhole } from '../common';
import type { LongTask } from '../engine';
import { breathe } from '../engine/progress';
import { fingerprint } from './fingerprint';
import { cacheFolder } from './locations';

/** Size, modification time in milliseconds, and hash of the content. */
type Entry = [size: number, modified: number, hash: string];

export interface HashFilesOptions extends LongTask {
  /** Name in progress reports. */
  label: string;
  /** File of the index. Default: one per folder, in the per-user cache. */
  indexPath: string;
}

/** The default index file of a folder. */
export const defaultIndexPath = (folder: string): string => cacheFolder('files', `${fingerprint(folder)}.json`);

/**
 * The sha256 (32 hex digits) of each file. A file whose size and modification time are those of the index isn't read
 * again; a damaged index is dropped and made anew.
 */
export async function hashFiles(paths: readonly string[], options: HashFilesOptions): Promise<string[]> {
  const { label, indexPath, signal, onProgress } = options;
  const index = await readIndex(indexPath);
  const hashes = new Array<string>(paths.length);
  let [changed, done, next] = [false, 0, 0];
  const work = async () => {
    while (next < paths.length) {
      const k = next++;
      const path = paths[k]!;
      const { size, mtimeMs } = await stat(path);
      const known = index.get(path);
      if (known && known[0] === size && known[1] === mtimeMs) hashes[k] = known[2];
      else {
        const hash = createHash('sha256')
          .update(await readFile(path))
          .digest('hex')
          .slice(0, 32);
        hashes[k] = hash;
        index.set(path, [size, mtimeMs, hash]);
        changed = true;
      }
      if (++done % 64 === 0) await breathe(signal);
      onProgress?.({ label, done, total: paths.length });
    }
  };
  try {
    await Promise.all(Array.from({ length: 8 }, work));
  } finally {
    next = paths.length; // the other workers stop, too
    if (changed) writeIndex(indexPath, index);
  }
  return hashes;
}

async function readIndex(path: string): Promise<Map<string, Entry>> {
  try {
    return new Map(Object.entries(JSON.parse(await readFile(path, 'utf8')) as Record<string, Entry>));
  } catch {
    return new Map(); // absent or damaged: every file is hashed anew
  }
}

function writeIndex(path: string, index: Map<string, Entry>): void {
  try {
    writeWhole(path, JSON.stringify(Object.fromEntries(index)));
  } catch {
    // Read-only, or full: the hashes are right all the same, and are worked out again next time.
  }
}
