/**
 * A run with its artifacts as one file, to hand to a colleague: gzip of entries, each a line of JSON with its size and
 * then its bytes, the last one a checksum of all before it. Everything is verified before anything is put in.
 */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { once } from 'node:events';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { z } from 'zod';
import type { OnProgress } from '../../common';
import { sha256 } from '../canonical';
import { DamagedArtifactError, SweepError, systemCode } from '../errors';
import { keyOf } from '../stage/key';
import { noteList, readList } from '../store/lists';
import { keyMaterial, type StageRecord, stageRecord } from '../store/record';
import { type RunRecord, readRun, runRecord, writeRun } from '../store/run-record';
import type { Store } from '../store/store';
import { pin } from './inspect';

const FORMAT = 'stillhouse run 1';

const hashes = z.array(z.string().regex(/^[0-9a-f]{64}$/));

const entryHeader = z.union([
  z.strictObject({ type: z.literal('run'), size: z.int().min(0), format: z.literal(FORMAT) }),
  z.strictObject({ type: z.enum(['record', 'list', 'blob', 'end']), size: z.int().min(0) }),
]);
type EntryHeader = z.infer<typeof entryHeader>;

export interface BundleReport {
  run: string;
  records: number;
  /** Keys of the run that have no record: failed, not begun, or collected. */
  missing: number;
  blobs: number;
  bytes: number;
}

export interface BundleOptions {
  /** Called after each blob. */
  onProgress?: OnProgress;
}

/**
 * Writes a run's records and blobs to a file.
 * @throws SweepError where there is no such run, or no space; DamagedArtifactError
 */
export async function exportRun(
  store: Store,
  id: string,
  path: string,
  { onProgress }: BundleOptions = {},
): Promise<BundleReport> {
  const run = readRun(store, id) ?? (await pin(store, id));
  const found = Object.entries(run.keys).flatMap(([stage, keys]) => keys.map((key) => store.record(stage, key)));
  const records = found.filter((record) => record !== undefined);
  const blobs = new Map(records.flatMap((record) => record.blobs.map((blob) => [blob.hash, blob.size] as const)));
  const temporary = `${path}.${process.pid}.tmp`;
  const gzip = createGzip({ level: 4 });
  const written = pipeline(gzip, createWriteStream(temporary));
  // Awaited below, when it may have failed long since.
  written.catch(() => undefined);
  const checksum = createHash('sha256');
  const write = async (bytes: Uint8Array, isChecked = true) => {
    if (isChecked) checksum.update(bytes);
    // On a full disk nothing drains any more.
    if (gzip.destroyed || !gzip.write(bytes)) await Promise.race([once(gzip, 'drain'), written]);
  };
  const entry = async (header: EntryHeader, bytes: Uint8Array) => {
    await write(Buffer.from(`${JSON.stringify(header)}\n`));
    await write(bytes);
  };
  const json = (value: unknown) => Buffer.from(JSON.stringify(value));
  let bytes = 0;
  try {
    const about = json(run);
    await entry({ type: 'run', size: about.length, format: FORMAT }, about);
    for (const record of records) {
      const text = json(record);
      await entry({ type: 'record', size: text.length }, text);
    }
    for (const outputs of listsOf(store, records)) {
      const text = json(outputs);
      await entry({ type: 'list', size: text.length }, text);
    }
    for (const [index, [hash, size]] of [...blobs].entries()) {
      bytes += size;
      await entry({ type: 'blob', size }, await store.read(hash));
      onProgress?.({ label: 'blobs', done: index + 1, total: blobs.size });
    }
    const end = Buffer.from(checksum.digest('hex'));
    await write(Buffer.from(`${JSON.stringify({ type: 'end', size: end.length })}\n`), false);
    await write(end, false);
    gzip.end();
    await written;
    await rename(temporary, path);
  } catch (error) {
    gzip.destroy();
    await written.catch(() => undefined);
    await rm(temporary, { force: true });
    if (!['ENOSPC', 'EDQUOT'].includes(systemCode(error) ?? '')) throw error;
    throw new SweepError(`No space left for ${path}. Free some, or export to another disk.`, { cause: error });
  }
  const missing = found.length - records.length;
  return { run: run.id, records: records.length, missing, blobs: blobs.size, bytes };
}

/**
 * Puts a run's file into the store. The file comes from somebody else: it is read through and checked first, its records'
 * keys are recomputed from what they say, its blobs go in under the hash of their own bytes, and an existing result stays.
 * @throws SweepError where the file isn't whole or isn't what it says
 */
export async function importRun(store: Store, path: string, { onProgress }: BundleOptions = {}): Promise<BundleReport> {
  const checksum = createHash('sha256');
  let run: RunRecord | undefined;
  let whole: boolean | undefined;
  const sizes = new Map<string, number>();
  const records: z.infer<typeof stageRecord>[] = [];
  const lists: string[][] = [];
  const bad = (reason: string) =>
    new SweepError(`Expected ${path} to be a run exported by \`stillhouse store export\`: ${reason}.`);
  try {
    for await (const { header, line, body } of readEntries(path)) {
      if (whole !== undefined) throw new SweepError('something follows its end');
      if (header.type === 'end') {
        // Read on: gzip's own checksum is behind it, and whoever reads again must find nothing else there.
        whole = checksum.digest('hex') === body.toString();
        continue;
      }
      checksum.update(line).update(body);
      if (header.type === 'run') run = runRecord.parse(JSON.parse(body.toString()));
      if (header.type === 'record') records.push(stageRecord.parse(JSON.parse(body.toString())));
      if (header.type === 'list') lists.push(hashes.parse(JSON.parse(body.toString())));
      if (header.type === 'blob') sizes.set(sha256(body), header.size);
    }
  } catch (error) {
    throw bad(error instanceof Error ? error.message : String(error));
  }
  if (!run || !whole) throw bad('it is cut short or its checksum does not match');
  for (const record of records) {
    const material = keyMaterial.parse(record.material);
    const isOwn = keyOf(material) === record.key && /^[a-zA-Z0-9][\w.-]*$/.test(material.stage);
    if (!isOwn) throw bad(`the record ${record.key.slice(0, 12)} is not of the key that its contents give`);
    if (record.document !== undefined && sha256(record.document) !== record.output)
      throw bad(`the record ${record.key.slice(0, 12)} is not of its output`);
    const lacking = record.blobs.find(({ hash, size }) => sizes.get(hash) !== size);
    if (lacking) throw bad(`it lacks ${lacking.hash.slice(0, 12)}`);
  }
  let [bytes, done] = [0, 0];
  for await (const { header, body } of readEntries(path)) {
    if (header.type === 'end') break;
    if (header.type !== 'blob') continue;
    bytes += (await store.put(body)).size;
    onProgress?.({ label: 'blobs', done: ++done, total: sizes.size });
  }
  for (const record of records) await store.file(record);
  for (const outputs of lists) await noteList(store, outputs);
  // A pin is its owner's own decision.
  const id = nameFor(store, run);
  await writeRun(store, { ...run, id, pinned: readRun(store, id)?.pinned ?? false });
  const missing = Object.values(run.keys).flat().length - records.length;
  return { run: id, records: records.length, missing, blobs: sizes.size, bytes };
}

/** The run's own name, or one beside another run that has it; a file that is put in twice is one run. */
function nameFor(store: Store, { id, finished }: RunRecord): string {
  for (let n = 1; ; n++) {
    const name = n === 1 ? id : `${id}-imported-${n}`;
    const there = readRun(store, name);
    if (!there || there.finished === finished) return name;
  }
}

/** The lists that records name as inputs. */
function listsOf(store: Store, records: readonly StageRecord[]): string[][] {
  const inputs = new Set(records.flatMap(({ material }) => Object.values(material.inputs).flat()));
  return [...inputs].flatMap((hash) => [readList(store, hash) ?? []]).filter(({ length }) => length > 0);
}

async function* readEntries(path: string): AsyncGenerator<{ header: EntryHeader; line: Buffer; body: Buffer }> {
  const source = createReadStream(path);
  const gunzip = createGunzip();
  source.on('error', (error) => gunzip.destroy(error));
  let pending: Buffer = Buffer.alloc(0);
  let header: EntryHeader | undefined;
  let line: Buffer = pending;
  const parts: Buffer[] = [];
  let held = 0;
  for await (const chunk of source.pipe(gunzip) as AsyncIterable<Buffer>) {
    parts.push(chunk);
    held += chunk.length;
    // Joined when there is enough for the next step, not at every chunk of a large blob.
    if (header && pending.length + held < header.size) continue;
    pending = Buffer.concat([pending, ...parts.splice(0)]);
    held = 0;
    for (;;) {
      if (!header) {
        const newline = pending.indexOf(10);
        if (newline < 0) {
          if (pending.length > 1000) throw new DamagedArtifactError('', path, 'an entry has no header');
          break;
        }
        line = pending.subarray(0, newline + 1);
        header = entryHeader.parse(JSON.parse(line.toString()));
        pending = pending.subarray(newline + 1);
      }
      if (pending.length < header.size) break;
      yield { header, line, body: pending.subarray(0, header.size) };
      pending = pending.subarray(header.size);
      header = undefined;
    }
  }
}
