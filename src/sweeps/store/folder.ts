/** Files and folders kept in the store: a folder is a tree object that lists its files by hash. */
import { existsSync, statSync } from 'node:fs';
import { chmod, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { basename, join, relative, sep } from 'node:path';
import { hashFile } from '../../common';
import type { Json } from '../canonical';
import { DamagedArtifactError, SweepError, systemCode } from '../errors';
import { linkOrCopy, temporaryName } from './files';
import type { BlobReference } from './record';
import type { Store } from './store';

/** A file in the store. Made by `context.file(path)` inside a stage; read by the stages that take its output. */
export class StoredFile {
  constructor(
    private readonly store: Store,
    private readonly blob: BlobReference,
    /** Name it was put in under. */
    readonly name: string,
  ) {}

  get hash(): string {
    return this.blob.hash;
  }

  /** Bytes. */
  get size(): number {
    return this.blob.size;
  }

  /** Its bytes, verified. */
  read(): Promise<Uint8Array<ArrayBuffer>> {
    return this.store.read(this.blob.hash);
  }

  /** A hard link (or a copy) of it at `path`, verified. The file is read-only: don't write into it. */
  async linkTo(path: string): Promise<void> {
    await linkVerified(this.store, this.blob, path);
  }

  blobs(): BlobReference[] {
    return [this.blob];
  }

  reference(): Json {
    return { $file: this.blob.hash, name: this.name, size: this.blob.size };
  }
}

interface TreeFile extends BlobReference {
  /** Path inside the folder, with `/`. */
  path: string;
}

/** A folder in the store. Made by `context.folder(path)` inside a stage; read by the stages that take its output. */
export class StoredFolder {
  private constructor(
    private readonly store: Store,
    private readonly tree: BlobReference,
    /** Its files in order of path; sizes in bytes. */
    readonly files: readonly TreeFile[],
  ) {}

  /** Puts a folder's regular files in, by copy. Empty folders and links are left out. */
  static async put(store: Store, path: string): Promise<StoredFolder> {
    const files: TreeFile[] = [];
    for (const entry of await readdir(path, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const file = join(entry.parentPath, entry.name);
      files.push({ path: relative(path, file).split(sep).join('/'), ...(await store.putFile(file)) });
    }
    files.sort((a, b) => (a.path < b.path ? -1 : 1));
    return new StoredFolder(store, await store.put(JSON.stringify({ files })), files);
  }

  /** @throws SweepError where a path leads out of the folder, as one in a run of somebody else's may */
  static async open(store: Store, hash: string): Promise<StoredFolder> {
    const bytes = await store.read(hash);
    const { files } = JSON.parse(Buffer.from(bytes).toString('utf8')) as { files: TreeFile[] };
    const outside = files.find(({ path }) => !isInside(path));
    if (outside) {
      throw new SweepError(
        `Expected the paths of the stored folder ${hash.slice(0, 12)} to lie inside it, got ${JSON.stringify(outside.path)}. No stage has made it: don't trust the file that it was imported from, and use another store (STILLHOUSE_STORE).`,
      );
    }
    return new StoredFolder(store, { hash, size: bytes.byteLength }, files);
  }

  get hash(): string {
    return this.tree.hash;
  }

  /** Bytes of one file, verified. */
  async read(path: string): Promise<Uint8Array<ArrayBuffer>> {
    const file = this.files.find((entry) => entry.path === path);
    if (!file)
      throw new Error(
        `Expected a file of this folder, got "${path}". It holds: ${this.files.map((entry) => entry.path).join(', ')}.`,
      );
    return this.store.read(file.hash);
  }

  /** Hard links (or copies) of all its files under `folder`, each verified. They are read-only: don't write into them. */
  async linkTo(folder: string): Promise<void> {
    await mkdir(folder, { recursive: true });
    for (const file of this.files) await linkVerified(this.store, file, join(folder, file.path));
  }

  /** A path where the folder lies, read-only, for code that wants one; shared by everybody and made once. */
  async path(): Promise<string> {
    const folder = join(this.store.root, 'checkouts', this.hash);
    if (existsSync(folder)) {
      await this.verify(folder);
      return folder;
    }
    const temporary = temporaryName(this.store.root);
    await this.linkTo(temporary);
    await mkdir(join(this.store.root, 'checkouts'), { recursive: true });
    await rename(temporary, folder).catch(async (error: unknown) => {
      await rm(temporary, { recursive: true, force: true });
      // Another process was first.
      if (!['ENOTEMPTY', 'EEXIST'].includes(systemCode(error) ?? '')) throw error;
    });
    return folder;
  }

  blobs(): BlobReference[] {
    return [this.tree, ...this.files.map(({ hash, size }) => ({ hash, size }))];
  }

  reference(): Json {
    return { $folder: this.tree.hash };
  }

  private async verify(folder: string): Promise<void> {
    for (const file of this.files) {
      const path = join(folder, file.path);
      const damage = await damageOf(path, file);
      if (!damage) continue;
      await rm(folder, { recursive: true, force: true });
      throw new DamagedArtifactError(file.hash, path, damage);
    }
  }
}

/** Whether a tree's path, with `/`, is one of a file inside the folder. */
function isInside(path: string): boolean {
  return path.split('/').every((name) => !['', '.', '..'].includes(name));
}

/** Puts one file in. */
export async function putStoredFile(store: Store, path: string): Promise<StoredFile> {
  return new StoredFile(store, await store.putFile(path), basename(path));
}

async function linkVerified(store: Store, blob: BlobReference, target: string): Promise<void> {
  const path = store.blobPath(blob.hash);
  const damage = await damageOf(path, blob);
  if (damage) throw new DamagedArtifactError(blob.hash, path, damage);
  await linkOrCopy(path, target);
  await chmod(target, 0o444);
}

/** What was verified in this process: nothing is hashed twice while its size and times stay. */
const verified = new Map<string, string>();

async function damageOf(path: string, blob: BlobReference): Promise<string | undefined> {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) return 'missing';
  if (stat.size !== blob.size) return `${stat.size} bytes in place of ${blob.size}`;
  const state = `${blob.hash} ${stat.ino} ${stat.mtimeMs}`;
  if (verified.get(path) === state) return undefined;
  if ((await hashFile(path)) !== blob.hash) return 'its content has changed';
  verified.set(path, state);
  return undefined;
}
