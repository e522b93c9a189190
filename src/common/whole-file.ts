/** Files that are there whole or not at all: a reader never sees half of one, whenever its writer is killed. */
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';

/**
 * Minutes without a write after which a temporary file is a killed writer's. Its age tells, not a process's number: on
 * a shared disk the writer may run on another machine.
 */
const ABANDONED_AFTER = 10;

/** What keeps a file from being written and what to do, by the system's code. */
const hindrances: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full. Free some space there, or choose a folder on another disk',
  EDQUOT: 'your quota on this disk is used up. Delete files of yours there, or choose a folder on another disk',
  EACCES: 'this account may not write there. Change the rights, or choose another folder',
  EPERM: 'this account may not write there. Change the rights, or choose another folder',
  EROFS: 'the disk is read-only. Choose a folder on another disk',
};

/** Why the system refused to write a file and what to do, without a full stop; undefined for any other error. */
export const hindranceToWriting = (error: unknown): string | undefined =>
  hindrances[(error as NodeJS.ErrnoException | undefined)?.code ?? ''];

/**
 * Writes a temporary file, which then replaces `path`. Its folder is created if missing. After a failure `path` is as it
 * was, and the temporary file is removed; one that a killed process left earlier is removed, too.
 * @param content the content, or what writes it to an open file
 * @param inManyFiles spares the look for what killed processes left: in a folder of thousands it would cost more than the write
 * @throws naming `path` and what to do, where the system refuses; what `content` throws, as it is
 */
export function writeWhole(
  path: string,
  content: string | Uint8Array | ((file: number) => void),
  { inManyFiles = false }: { inManyFiles?: boolean } = {},
): void {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.part`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    if (!inManyFiles) removeAbandoned(path);
    const file = openSync(temporary, 'wx');
    try {
      if (typeof content === 'function') content(file);
      else writeFileSync(file, content);
      fsyncSync(file); // on the disk before it has its name, or a power cut would leave an empty file
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    const hindrance = hindranceToWriting(error);
    if (hindrance === undefined) throw error;
    throw new Error(`Couldn't write '${path}': ${hindrance}.`, { cause: error });
  }
}

function removeAbandoned(path: string): void {
  const [folder, name] = [dirname(path), basename(path)];
  for (const entry of readdirSync(folder)) {
    if (!entry.startsWith(`${name}.`) || !/^[0-9a-f]+\.part$/.test(entry.slice(name.length + 1))) continue;
    const part = join(folder, entry);
    try {
      if (Date.now() - statSync(part).mtimeMs > 60_000 * ABANDONED_AFTER) rmSync(part);
    } catch {
      // Another process removed it first, or it is another account's: only its space is lost.
    }
  }
}
