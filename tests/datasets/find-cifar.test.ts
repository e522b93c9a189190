import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cifar10 } from '../../src/datasets/cifar';
import { cifar10Places, findCifar10, unpackCifar10Sprites } from '../../src/datasets/find-cifar';
import { sharedData } from '../helpers/shared-data';
import { temporaryFolder } from '../helpers/temporary';

const folder = temporaryFolder();
const before = process.env.STILLHOUSE_DATA;
beforeEach(() => {
  delete process.env.STILLHOUSE_DATA;
});
afterEach(() => {
  if (before === undefined) delete process.env.STILLHOUSE_DATA;
  else process.env.STILLHOUSE_DATA = before;
});

/** Six sprites of four tiles; tile k is the colour (k, 2k, 3k). */
async function sprites(from: string): Promise<void> {
  mkdirSync(from, { recursive: true });
  const pixels = new Uint8Array(64 * 64 * 3);
  for (let y = 0; y < 64; y++)
    for (let x = 0; x < 64; x++) {
      const k = 2 * Math.floor(y / 32) + Math.floor(x / 32);
      pixels.set([k, 2 * k, 3 * k], (y * 64 + x) * 3);
    }
  const sprite = await sharp(pixels, { raw: { width: 64, height: 64, channels: 3 } })
    .webp({ lossless: true })
    .toBuffer();
  const record = (label: number, k: number) => [
    label,
    ...[1, 2, 3].flatMap((c) => new Array<number>(1024).fill(c * k)),
  ];
  const labels = [3, 1, 4, 1];
  const digest = createHash('sha256')
    .update(Uint8Array.from(labels.flatMap(record)))
    .digest('hex');
  writeFileSync(join(from, 'train_labels.u8'), Uint8Array.from(labels));
  writeFileSync(join(from, 'test_labels.u8'), Uint8Array.from(labels));
  for (const name of ['train_1', 'train_2', 'train_3', 'train_4', 'train_5', 'test'])
    writeFileSync(join(from, `${name}.webp`), sprite);
  const empty = createHash('sha256').digest('hex');
  writeFileSync(
    join(from, 'unpacked.sha256.json'),
    JSON.stringify({
      'data_batch_1.bin': digest,
      ...Object.fromEntries([2, 3, 4, 5].map((k) => [`data_batch_${k}.bin`, empty])),
      'test_batch.bin': digest,
    }),
  );
}

describe('unpackCifar10Sprites', () => {
  it('gives back label and planes of each tile, and checks the hash', async () => {
    const [from, to] = [join(folder, 'sprites'), join(folder, 'unpacked')];
    await sprites(from);
    await unpackCifar10Sprites({ from, to });
    const test = cifar10({ folder: to, split: 'test' });
    expect([...test.labels]).toEqual([3, 1, 4, 1]);
    expect([...(await test.image(2)).data.subarray(0, 3)]).toEqual([2, 4, 6]);
    writeFileSync(join(from, 'test_labels.u8'), Uint8Array.from([3, 1, 4, 2]));
    await expect(unpackCifar10Sprites({ from, to })).rejects.toThrow(/Expected test_batch\.bin .* sha256/);
  });
});

describe('findCifar10', () => {
  it('looks at $STILLHOUSE_DATA first', () => {
    process.env.STILLHOUSE_DATA = folder;
    expect(cifar10Places()[0]).toBe(folder);
  });
});

const shared = sharedData('cifar10', 'unpacked.sha256.json');

describe.runIf(shared)('the real CIFAR-10 (needs ../shared/data/cifar10)', () => {
  it('is found, unpacked to the bytes its hashes promise', async () => {
    const place = await findCifar10();
    expect(place && existsSync(place)).toBe(true);
    const test = cifar10({ folder: place!, split: 'test' });
    expect(test.labels.length).toBe(10_000);
    for (let label = 0; label < 10; label++) expect(test.labels.filter((other) => other === label).length).toBe(1000);
  });
});
