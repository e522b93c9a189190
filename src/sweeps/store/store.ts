/**
 * The store: blobs by their SHA-256, and one record for each finished piece of work, by its key.
 *
 *     blobs/ab/abcd…            bytes, read-only
 *     records/<stage>/ab/abcd…  JSON with a checksum, one file a key
 *     code/abcd….json           which source files a code hash was made of
 *     lists/abcd….json          which outputs an input that is a list was made of
 *     runs/<id>.json            what a run asked for: the roots that `gc` keeps
 *     logs/, slurm/, tmp/, checkouts/
 *     stillhouse-store          says that the folder is a store
 *
 * Any number of processes may write at once, on a shared file system too: a file appears whole or not at all, and two
 * writers of one key write the same thing, of which the first stays.
 */
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { readFile, rm, utimes } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { hashFile } from '../../common';
import { sha256 } from '../canonical';
import { DamagedArtifactError, systemCode } from '../errors';
import { copyTemporary, moveInto, placeOnce, projectRoot, readIfThere, writeTemporary } from './files';
import { type BlobReference, parseRecord, recordText, type StageRecord } from './record';

/** What's wrong with a record's blobs, by path and in words. */
export interface Damage {
  hash: string;
  path: string;
  damage: string;
}

export class Store {
  /** The store's folder, absolute. */
  readonly root: string;

  /** @param root default (and where it's empty): the environment's STILLHOUSE_STORE, or `.stillhouse/store` in the project */
  constructor(root?: string) {
    // An empty variable of the shell is one that isn't set: as a path it would be the folder that one happens to be in.
    this.root = resolve(root || process.env.STILLHOUSE_STORE || join(projectRoot(), '.stillhouse', 'store'));
  }

  blobPath(hash: string): string {
    return join(this.root, 'blobs', hash.slice(0, 2), hash);
  }

  recordPath(stage: string, key: string): string {
    return join(this.root, 'records', stage, key.slice(0, 2), key);
  }

  /** Puts bytes in; the same bytes are kept once. */
  async put(content: string | Uint8Array): Promise<BlobReference> {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content;
    const reference = { hash: sha256(bytes), size: bytes.byteLength };
    if (await this.refresh(reference)) return reference;
    await moveInto(this.root, await writeTemporary(this.root, bytes, 0o444), this.blobPath(reference.hash));
    return reference;
  }

  /** Puts a file's content in, by copy. */
  async putFile(source: string): Promise<BlobReference> {
    const copy = await copyTemporary(this.root, source, 0o444);
    const reference = { hash: await hashFile(copy), size: statSync(copy).size };
    if (await this.refresh(reference)) await rm(copy, { force: true });
    else await moveInto(this.root, copy, this.blobPath(reference.hash));
    return reference;
  }

  /**
   * The bytes of a blob, in a buffer of their own.
   * @throws DamagedArtifactError where they are missing or not what was put in
   */
  async read(hash: string): Promise<Uint8Array<ArrayBuffer>> {
    const path = this.blobPath(hash);
    const bytes = await readFile(path).catch((error: unknown) => {
      if (systemCode(error) === 'ENOENT') throw new DamagedArtifactError(hash, path, 'missing');
      throw error;
    });
    if (sha256(bytes) !== hash) throw new DamagedArtifactError(hash, path, 'its content has changed');
    return bytes.byteLength === bytes.buffer.byteLength ? (bytes as Uint8Array<ArrayBuffer>) : Uint8Array.from(bytes);
  }

  /** The record of a key; undefined where there is none. A damaged one is dropped. @throws SweepError for another format */
  record(stage: string, key: string): StageRecord | undefined {
    const path = this.recordPath(stage, key);
    const text = readIfThere(path);
    if (text === undefined) return undefined;
    const record = parseRecord(text, path);
    if (record?.key === key) return record;
    rmSync(path, { force: true });
    return undefined;
  }

  /** Files a record; returns the one that holds: an earlier one of the same key stays. */
  async file(record: StageRecord): Promise<StageRecord> {
    const path = this.recordPath(record.material.stage, record.key);
    const temporary = await writeTemporary(this.root, recordText(record), 0o444);
    if (await placeOnce(this.root, temporary, path)) return record;
    const earlier = this.record(record.material.stage, record.key);
    if (earlier && (earlier.output === record.output || this.available(earlier))) return earlier;
    await moveInto(this.root, await writeTemporary(this.root, recordText(record), 0o444), path);
    return record;
  }

  /** Every record of a stage, in no order. */
  *records(stage: string): Generator<StageRecord> {
    const folder = join(this.root, 'records', stage);
    for (const prefix of entries(folder)) {
      for (const key of entries(join(folder, prefix))) {
        const record = this.record(stage, key);
        if (record) yield record;
      }
    }
  }

  /** Names of the stages that have records. */
  stages(): string[] {
    return entries(join(this.root, 'records')).sort();
  }

  /** Whether all of a record's blobs are there with their sizes (their content is verified when it's read). */
  available(record: StageRecord): boolean {
    return record.blobs.every(({ hash, size }) => this.sizeOf(hash) === size);
  }

  /** Reads all of a record's blobs and drops those that are not what was put in. */
  async dropDamaged(record: StageRecord): Promise<Damage[]> {
    const dropped: Damage[] = [];
    for (const { hash } of record.blobs) {
      const path = this.blobPath(hash);
      if (!existsSync(path)) dropped.push({ hash, path, damage: 'missing' });
      else if ((await hashFile(path)) !== hash) {
        dropped.push({ hash, path, damage: 'its content has changed' });
        await rm(path, { force: true });
      }
    }
    return dropped;
  }

  /** Removes a record, so that its work counts as not done. */
  forget(record: StageRecord): void {
    rmSync(this.recordPath(record.material.stage, record.key), { force: true });
  }

  private sizeOf(hash: string): number | undefined {
    return statSync(this.blobPath(hash), { throwIfNoEntry: false })?.size;
  }

  /** Whether the blob is there already; if so it counts as new, so that `gc` leaves it. */
  private async refresh({ hash, size }: BlobReference): Promise<boolean> {
    if (this.sizeOf(hash) !== size) return false;
    const now = new Date();
    return utimes(this.blobPath(hash), now, now).then(
      () => true,
      () => false,
    );
  }
}

/** Names in a folder; none where there is no folder. */
export function entries(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  }
}
