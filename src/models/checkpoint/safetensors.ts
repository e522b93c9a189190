/** Safetensors files: tensors by name, read one at a time and written all at once. */
import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { writeWhole } from '../../common';
import type { StoredTensor, TensorSource } from '../module';
import { decodeBfloat, decodeHalf, encodeHalf } from './half';
import { type ReadOptions, refusal } from './read-options';
import { type Header, type HeaderEntry, headerLength, parseHeader, SafetensorsError } from './safetensors-header';

/** A safetensors file. Its header is read and checked first, its tensors on demand. */
export class SafetensorsFile implements TensorSource {
  private readonly header: Header;

  /** @throws SafetensorsError if the file is truncated or its header is invalid */
  constructor(
    readonly path: string,
    private readonly options: ReadOptions = {},
  ) {
    const descriptor = openSync(path, 'r');
    try {
      const { size } = fstatSync(descriptor);
      const first = readBytes(descriptor, 0, Math.min(8, size), path);
      const length = headerLength(first, size, path);
      this.header = parseHeader(readBytes(descriptor, 8, length, path), size, path);
    } finally {
      closeSync(descriptor);
    }
  }

  /** Free text that the writer left: { format: 'pt' }. */
  get metadata(): Readonly<Record<string, string>> {
    return this.header.metadata;
  }

  keys(): Iterable<string> {
    return this.header.entries.keys();
  }

  /** Element type and shape without reading the values. */
  describe(name: string): { dtype: string; shape: readonly number[] } | undefined {
    const entry = this.header.entries.get(name);
    return entry && { dtype: entry.dtype, shape: entry.shape };
  }

  /**
   * Values of a tensor as float32.
   * @throws SafetensorsError if it is not of a float type, or has NaN or infinity (see `nonFinite`)
   */
  get(name: string): StoredTensor | undefined {
    const entry = this.header.entries.get(name);
    if (!entry) return undefined;
    const descriptor = openSync(this.path, 'r');
    try {
      const bytes = readBytes(descriptor, this.header.dataStart + entry.begin, entry.end - entry.begin, this.path);
      const data = decode(bytes, entry, name, this.path);
      const problem = refusal(data, name, this.options);
      if (problem !== undefined) throw new SafetensorsError(this.path, problem);
      return { shape: entry.shape, data };
    } finally {
      closeSync(descriptor);
    }
  }
}

function readBytes(descriptor: number, position: number, length: number, path: string): Uint8Array {
  const bytes = new Uint8Array(length);
  let done = 0;
  // One call suffices below 2 GiB, the system's limit.
  while (done < length) {
    const read = readSync(descriptor, bytes, done, Math.min(length - done, 2 ** 30), position + done);
    if (read === 0) throw new SafetensorsError(path, `Expected ${length} bytes at ${position}, got ${done}`);
    done += read;
  }
  return bytes;
}

function decode(bytes: Uint8Array, { dtype }: HeaderEntry, name: string, path: string): Float32Array {
  switch (dtype) {
    case 'F32':
      return new Float32Array(bytes.buffer, 0, bytes.length / 4);
    case 'F16':
      return decodeHalf(new Uint16Array(bytes.buffer, 0, bytes.length / 2));
    case 'BF16':
      return decodeBfloat(new Uint16Array(bytes.buffer, 0, bytes.length / 2));
    case 'F64':
      return Float32Array.from(new Float64Array(bytes.buffer, 0, bytes.length / 8));
    default:
      throw new SafetensorsError(path, `Expected '${name}' to be F32, F16, BF16 or F64, got ${dtype}`);
  }
}

export interface WriteOptions {
  /** Element type of every tensor in the file. Default 'float32'. */
  dtype?: 'float32' | 'float16';
  /** Free text by key. Default { format: 'pt' }, which transformers requires. */
  metadata?: Record<string, string>;
}

/**
 * Writes tensors to a temporary file, which then replaces `path`, so that a reader never sees half of it. Names are
 * sorted: the same tensors give the same bytes.
 * @throws before `path` is replaced, if a value is NaN, infinite or too large for half precision, the number of values
 *   doesn't match a shape, or the disk refuses
 */
export function writeSafetensors(
  path: string,
  tensors: ReadonlyMap<string, StoredTensor>,
  { dtype = 'float32', metadata = { format: 'pt' } }: WriteOptions = {},
): void {
  const names = [...tensors.keys()].sort();
  const itemBytes = dtype === 'float16' ? 2 : 4;
  const header: Record<string, unknown> = { __metadata__: metadata };
  let position = 0;
  for (const name of names) {
    const { shape, data } = tensors.get(name)!;
    const count = shape.reduce((product, n) => product * n, 1);
    if (count !== data.length) {
      throw new Error(
        `Expected ${count} values in '${name}', of shape [${shape.join(', ')}], got ${data.length}. '${path}' is not written.`,
      );
    }
    const end = position + data.length * itemBytes;
    header[name] = { dtype: dtype === 'float16' ? 'F16' : 'F32', shape, data_offsets: [position, end] };
    position = end;
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  const padded = new Uint8Array(Math.ceil(text.length / 8) * 8).fill(0x20); // data starts at a multiple of 8
  padded.set(text);
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(padded.length), true);

  writeWhole(path, (descriptor) => {
    writeAll(descriptor, length);
    writeAll(descriptor, padded);
    for (const name of names) writeAll(descriptor, encode(tensors.get(name)!.data, dtype, name));
  });
}

function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) {
    done += writeSync(descriptor, bytes, done, Math.min(bytes.length - done, 2 ** 30));
  }
}

function encode(data: Float32Array, dtype: 'float32' | 'float16', name: string): Uint8Array {
  const largest = dtype === 'float16' ? 65504 : Number.MAX_VALUE;
  for (const value of data) {
    if (!(Math.abs(value) <= largest)) {
      throw new RangeError(
        `Expected '${name}' to hold finite values up to ±${largest} for ${dtype}, got ${value}. Not written.`,
      );
    }
  }
  const array = dtype === 'float16' ? encodeHalf(data) : data;
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
