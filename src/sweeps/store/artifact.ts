/** Outputs as artifacts: one JSON document that refers to blobs for arrays, files and folders. */
import { endianness } from 'node:os';
import { fromJson, type Json, sha256, toJson } from '../canonical';
import { DamagedArtifactError, SweepError } from '../errors';
import { StoredFile, StoredFolder } from './folder';
import type { BlobReference, StageRecord } from './record';
import type { Store } from './store';

/** Typed arrays that an output may hold, by the name they're kept under. */
const ARRAYS = {
  float32: Float32Array,
  float64: Float64Array,
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  uint8: Uint8Array,
  uint8clamped: Uint8ClampedArray,
  uint16: Uint16Array,
  uint32: Uint32Array,
} as const;

type TypedArray = InstanceType<(typeof ARRAYS)[keyof typeof ARRAYS]>;

/** Arrays of at most so many bytes stand in the document itself. */
const INLINE_ARRAY = 1024;
/** Documents of at most so many characters stand in the record itself. */
const INLINE_DOCUMENT = 8192;

/** An output as the record keeps it. */
export type Encoded = Pick<StageRecord, 'output' | 'document' | 'blobs'>;

/**
 * Puts an output into the store: plain data, with typed arrays, {@link StoredFile} and {@link StoredFolder} anywhere in it.
 * @throws StageDefinitionError for anything else, naming where it stands
 */
export async function encodeOutput(store: Store, output: unknown, what: string): Promise<Encoded> {
  if (endianness() !== 'LE') throw new SweepError('Expected a little-endian machine: arrays are kept as its bytes.');
  const blobs = new Map<string, BlobReference>();
  const puts: { bytes: Uint8Array; hash: string }[] = [];
  const json = toJson(output ?? null, what, (value) => {
    if (value instanceof StoredFile || value instanceof StoredFolder) {
      for (const blob of value.blobs()) blobs.set(blob.hash, blob);
      return value.reference();
    }
    if (!ArrayBuffer.isView(value)) return undefined;
    const type = (Object.keys(ARRAYS) as (keyof typeof ARRAYS)[]).find((name) => isArray(value, name));
    if (!type) return undefined;
    const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    if (bytes.byteLength <= INLINE_ARRAY) return { $array: type, base64: Buffer.from(bytes).toString('base64') };
    const hash = sha256(bytes);
    puts.push({ bytes, hash });
    return { $array: type, hash };
  });
  for (const { bytes, hash } of puts) if (!blobs.has(hash)) blobs.set(hash, await store.put(bytes));
  const document = JSON.stringify(json);
  const hash = sha256(document);
  if (document.length <= INLINE_DOCUMENT) return { output: hash, document, blobs: [...blobs.values()] };
  blobs.set(hash, await store.put(document));
  return { output: hash, blobs: [...blobs.values()] };
}

/**
 * An output as it was returned by its stage (object keys in sorted order), arrays verified.
 * @throws DamagedArtifactError where a blob is missing or changed
 */
export async function decodeOutput(store: Store, record: Encoded): Promise<unknown> {
  const document = record.document ?? Buffer.from(await store.read(record.output)).toString('utf8');
  if (record.document !== undefined && sha256(document) !== record.output) {
    throw new DamagedArtifactError(record.output, store.root, "the record's document is not the one it names");
  }
  const json = JSON.parse(document) as Json;
  const arrays = new Map<string, Uint8Array<ArrayBuffer>>();
  fromJson(json, (reference) => {
    if (typeof reference.$array === 'string' && typeof reference.hash === 'string') arrays.set(reference.hash, EMPTY);
    return undefined;
  });
  for (const hash of arrays.keys()) arrays.set(hash, await store.read(hash));
  const folders = new Map<string, StoredFolder>();
  const folderHashes = new Set<string>();
  fromJson(json, (reference) => {
    if (typeof reference.$folder === 'string') folderHashes.add(reference.$folder);
    return undefined;
  });
  for (const hash of folderHashes) folders.set(hash, await StoredFolder.open(store, hash));
  return fromJson(json, (reference) => {
    if (typeof reference.$array === 'string') {
      const bytes =
        typeof reference.base64 === 'string'
          ? Uint8Array.from(Buffer.from(reference.base64, 'base64'))
          : // A copy for each place, so that one reader's writes are not another's values.
            Uint8Array.from(arrays.get(String(reference.hash))!);
      const Type = ARRAYS[reference.$array as keyof typeof ARRAYS];
      return new Type(bytes.buffer, 0, bytes.byteLength / Type.BYTES_PER_ELEMENT);
    }
    if (typeof reference.$folder === 'string') return folders.get(reference.$folder);
    if (typeof reference.$file === 'string') {
      return new StoredFile(store, { hash: reference.$file, size: Number(reference.size) }, String(reference.name));
    }
    return undefined;
  });
}

const EMPTY = new Uint8Array(0);

/** By tag and not by instanceof: an array may come from another realm. */
function isArray(value: object, name: keyof typeof ARRAYS): value is TypedArray {
  return Object.prototype.toString.call(value) === `[object ${ARRAYS[name].name}]`;
}
