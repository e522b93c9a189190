import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SafetensorsError, SafetensorsFile, writeSafetensors } from '../../../src/models/checkpoint';
import { decodeBfloat, decodeHalf, encodeHalf } from '../../../src/models/checkpoint/half';
import { temporaryFolder } from '../../helpers/temporary';

const folder = temporaryFolder();
const path = join(folder, 'weights.safetensors');

/** A file with this header (padded to `pad` bytes when given) and so many data bytes. */
function write(header: unknown, data: Uint8Array | number, length?: bigint): string {
  const text = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const first = new Uint8Array(8);
  new DataView(first.buffer).setBigUint64(0, length ?? BigInt(text.length), true);
  writeFileSync(path, Buffer.concat([first, text, typeof data === 'number' ? new Uint8Array(data) : data]));
  return path;
}

const open = (header: unknown, data: Uint8Array | number, length?: bigint) => () =>
  new SafetensorsFile(write(header, data, length));
const f32 = (begin: number, end: number, shape = [(end - begin) / 4]) => ({
  dtype: 'F32',
  shape,
  data_offsets: [begin, end],
});

describe('SafetensorsFile', () => {
  it('reads single tensors of each float type as float32', () => {
    const data = new Uint8Array(22);
    new Float32Array(data.buffer, 0, 1)[0] = 1.5;
    new Uint16Array(data.buffer, 8, 2).set([0x3c00, 0xc000]); // 1, -2
    new Uint16Array(data.buffer, 12, 1).set([0x3fc0]); // 1.5
    const doubles = new Uint8Array(Float64Array.of(0.25).buffer);
    data.set(doubles, 14);
    write(
      {
        __metadata__: { format: 'pt' },
        a: f32(0, 4, []),
        b: { dtype: 'I32', shape: [1], data_offsets: [4, 8] },
        c: { dtype: 'F16', shape: [2, 1], data_offsets: [8, 12] },
        d: { dtype: 'BF16', shape: [1], data_offsets: [12, 14] },
        e: { dtype: 'F64', shape: [1], data_offsets: [14, 22] },
      },
      data,
    );
    const file = new SafetensorsFile(path);
    expect([...file.keys()]).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(file.metadata).toEqual({ format: 'pt' });
    expect(file.get('a')).toEqual({ shape: [], data: Float32Array.of(1.5) });
    expect(file.get('c')).toEqual({ shape: [2, 1], data: Float32Array.of(1, -2) });
    expect(file.get('d')?.data).toEqual(Float32Array.of(1.5));
    expect(file.get('e')?.data).toEqual(Float32Array.of(0.25));
    expect(file.get('z')).toBeUndefined();
    expect(file.describe('b')).toEqual({ dtype: 'I32', shape: [1] });
    expect(() => file.get('b')).toThrow("Expected 'b' to be F32, F16, BF16 or F64, got I32");
  });

  it.each([
    ['a header longer than the file', open({ a: f32(0, 4) }, 4, 4000n), 'truncated, or no header'],
    ['a header longer than any', open({ a: f32(0, 4) }, 4, 2n ** 60n), 'at most 100000000 bytes'],
    ['a header that is not JSON', open('{"a": ', 4), 'Expected a JSON header'],
    ['a header that is a list', open('[1, 2]', 4), 'to be a JSON object'],
    ['missing data', open({ a: f32(0, 8) }, 4), 'Expected 8 bytes of tensors, got 4 (truncated)'],
    ['data that no tensor names', open({ a: f32(0, 4) }, 8), 'bytes that no tensor names'],
    ['overlapping tensors', open({ a: f32(0, 8), b: f32(4, 12) }, 12), "'b' overlaps the one before it"],
    ['a hole', open({ a: f32(0, 4), b: f32(8, 12) }, 12), "4 unnamed bytes before 'b'"],
    ['a size that is not the shape', open({ a: f32(0, 8, [3]) }, 8), "Expected 12 bytes for 'a' (F32 [3]), got 8"],
    ['an unknown type', open({ a: { ...f32(0, 4), dtype: 'F8' } }, 4), 'F64, got "F8"'],
    ['a negative size', open({ a: f32(0, 4, [-1]) }, 4), "shape of 'a'"],
    ['metadata that is not text', open({ __metadata__: { a: 1 } }, 0), "Expected '__metadata__' to hold texts"],
    ['metadata that is no dict', open({ __metadata__: 'pt' }, 0), "Expected '__metadata__' to hold texts"],
    ['offsets that are not numbers', open({ a: { ...f32(0, 4), data_offsets: ['0', 4] } }, 4), "two offsets for 'a'"],
  ])('refuses %s', (_, read, message) => {
    expect(read).toThrow(SafetensorsError);
    expect(read).toThrow(message);
    expect(read).toThrow(path);
  });

  it('refuses an empty file', () => {
    writeFileSync(path, '');
    expect(() => new SafetensorsFile(path)).toThrow('at least 8 bytes, got 0');
  });

  it('reads or refuses by name whatever a damaged byte makes of the file', () => {
    writeSafetensors(path, new Map([['w', { shape: [2, 3], data: new Float32Array(6).fill(0.5) }]]));
    const sound = readFileSync(path);
    const damaged = join(folder, 'damaged.safetensors');
    fc.assert(
      fc.property(fc.nat(sound.length - 1), fc.nat(255), (at, byte) => {
        const bytes = Buffer.from(sound);
        bytes[at] = byte;
        writeFileSync(damaged, bytes);
        try {
          const file = new SafetensorsFile(damaged);
          for (const name of file.keys()) {
            const { shape, data } = file.get(name)!;
            if (data.length !== shape.reduce((product, n) => product * n, 1)) return false;
          }
          return true;
        } catch (error) {
          return error instanceof SafetensorsError;
        }
      }),
      { numRuns: 400, seed: 1 },
    );
    rmSync(damaged);
  });

  it('refuses NaN and infinity unless they are accepted', () => {
    write({ a: f32(0, 8) }, new Uint8Array(Float32Array.of(1, Number.NaN).buffer));
    expect(() => new SafetensorsFile(path).get('a')).toThrow("Expected finite values in 'a', got NaN at 1");
    expect(new SafetensorsFile(path, { nonFinite: 'accept' }).get('a')?.data[1]).toBeNaN();
  });
});

describe('writeSafetensors', () => {
  const tensors = new Map([
    ['b.weight', { shape: [2, 2], data: Float32Array.of(1, -0.5, 3e-6, 65504) }],
    ['a', { shape: [], data: Float32Array.of(1 / 3) }],
  ]);

  it('writes what is read back, and the same bytes for the same tensors in another order', () => {
    writeSafetensors(path, tensors);
    const first = readFileSync(path);
    const file = new SafetensorsFile(path);
    expect([...file.keys()]).toEqual(['a', 'b.weight']);
    for (const [name, tensor] of tensors) expect(file.get(name)).toEqual(tensor);
    writeSafetensors(path, new Map([...tensors].reverse()));
    expect(readFileSync(path).equals(first)).toBe(true);
  });

  it('writes half precision', () => {
    writeSafetensors(path, tensors, { dtype: 'float16', metadata: { made: 'here' } });
    const file = new SafetensorsFile(path);
    expect(file.metadata).toEqual({ made: 'here' });
    expect(file.describe('b.weight')).toEqual({ dtype: 'F16', shape: [2, 2] });
    expect(Array.from(file.get('b.weight')!.data)).toEqual([1, -0.5, 50 * 2 ** -24, 65504]);
  });

  it('refuses what the type cannot hold, and leaves the file that was there', () => {
    writeSafetensors(path, tensors);
    const before = readFileSync(path);
    const data = Float32Array.of(70000);
    expect(() => writeSafetensors(path, new Map([['x', { shape: [1], data }]]), { dtype: 'float16' })).toThrow(
      "Expected 'x' to hold finite values up to ±65504 for float16, got 70000",
    );
    data[0] = Number.NaN;
    expect(() => writeSafetensors(path, new Map([['x', { shape: [1], data }]]))).toThrow('got NaN');
    expect(readFileSync(path).equals(before)).toBe(true);
    expect(readdirSync(folder)).toEqual(['weights.safetensors']);
  });
});

describe('half precision', () => {
  it('gives every finite half back after a journey through float32', () => {
    const bits = Uint16Array.from({ length: 65536 }, (_, i) => i).filter((b) => (b & 0x7c00) !== 0x7c00);
    expect(encodeHalf(decodeHalf(bits))).toEqual(bits);
  });

  it('rounds to the nearest half, ties to even', () => {
    const ulp = 2 ** -10;
    const values = Float32Array.of(1 + ulp / 2, 1 + 1.5 * ulp, 1 + 0.51 * ulp, 65519, 65520, 2 ** -25, 1.01 * 2 ** -25);
    expect(Array.from(decodeHalf(encodeHalf(values)))).toEqual([
      1,
      1 + 2 * ulp,
      1 + ulp,
      65504,
      Number.POSITIVE_INFINITY,
      0,
      2 ** -24,
    ]);
    expect(decodeHalf(encodeHalf(Float32Array.of(Number.NaN)))[0]).toBeNaN();
    expect(decodeHalf(Uint16Array.of(0xfc00))[0]).toBe(Number.NEGATIVE_INFINITY);
  });

  it('reads bfloat16', () => {
    expect(Array.from(decodeBfloat(Uint16Array.of(0x3f80, 0xc049, 0x0001)))).toEqual([1, -3.140625, 2 ** -133]);
  });
});
