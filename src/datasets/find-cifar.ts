/** Where CIFAR-10 and CIFAR-100 may already lie on this machine. */

import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { writeWhole } from '../common';
import type { LongTask } from '../engine';
import { breathe } from '../engine/progress';
import { holdsCifar10, holdsCifar100 } from './cifar';
import { cacheFolder } from './locations';

const project = fileURLToPath(new URL('../..', import.meta.url));

/** The places searched, in order: `$STILLHOUSE_DATA`, `data/<name>`, `../shared/data/<name>`, the per-user cache. */
function places(name: string): string[] {
  const chosen = process.env.STILLHOUSE_DATA;
  return [
    ...(chosen ? [resolve(chosen), resolve(chosen, name)] : []),
    join(project, 'data', name),
    join(project, '..', 'shared', 'data', name),
    cacheFolder(name),
  ];
}

/** Where CIFAR-10 is looked for, in order. */
export const cifar10Places = (): string[] => places('cifar10');

/** Where CIFAR-100 is looked for, in order. */
export const cifar100Places = (): string[] => places('cifar100');

/** A folder with CIFAR-10's binary files among the places searched, or `undefined`; unpacks nothing. */
export function localCifar10(): string | undefined {
  return cifar10Places().find(holdsCifar10);
}

/** A folder with CIFAR-100's binary files among the places searched, or `undefined`. */
export function localCifar100(): string | undefined {
  return cifar100Places().find(holdsCifar100);
}

/**
 * A folder with CIFAR-10's binary files, or `undefined` when there is none on this machine. Lossless sprites of it
 * (`train_1.webp` …) are unpacked into the per-user cache first, which takes some seconds, once.
 */
export async function findCifar10(task: LongTask = {}): Promise<string | undefined> {
  for (const place of cifar10Places()) {
    if (holdsCifar10(place)) return place;
    if (!existsSync(join(place, 'unpacked.sha256.json'))) continue;
    const to = cacheFolder('cifar10');
    if (!holdsCifar10(to)) await unpackCifar10Sprites({ from: place, to, ...task });
    return to;
  }
  return undefined;
}

export interface UnpackOptions extends LongTask {
  /** Folder with `train_1.webp` … `test.webp` (100 × 100 tiles), the labels, and `unpacked.sha256.json`. */
  from: string;
  /** Folder for `data_batch_1.bin` … `test_batch.bin`. */
  to: string;
}

/** Turns lossless sprites back into CIFAR-10's binary files. @throws when a file hasn't the sha256 it should. */
export async function unpackCifar10Sprites({ from, to, signal, onProgress }: UnpackOptions): Promise<void> {
  const expected = JSON.parse(readFileSync(join(from, 'unpacked.sha256.json'), 'utf8')) as Record<string, string>;
  const trainLabels = await readFile(join(from, 'train_labels.u8'));
  const files = [1, 2, 3, 4, 5].map((k) => ({
    name: `data_batch_${k}.bin`,
    sprite: `train_${k}.webp`,
    labels: trainLabels.subarray((k - 1) * 10_000, k * 10_000) as Uint8Array,
  }));
  files.push({ name: 'test_batch.bin', sprite: 'test.webp', labels: await readFile(join(from, 'test_labels.u8')) });
  for (const [k, { name, sprite, labels }] of files.entries()) {
    await breathe(signal);
    onProgress?.({ label: 'Unpacking CIFAR-10', done: k, total: files.length, detail: name });
    const records = await readSprite(join(from, sprite), labels);
    const digest = createHash('sha256').update(records).digest('hex');
    if (digest !== expected[name])
      throw new Error(`Expected ${name} unpacked from ${from} to have the sha256 ${expected[name]}, got ${digest}.`);
    writeWhole(join(to, name), records);
  }
  onProgress?.({ label: 'Unpacking CIFAR-10', done: files.length, total: files.length });
}

/** 100 × 100 tiles of 32 × 32, row-major, as records of label, red, green and blue plane. */
async function readSprite(path: string, labels: Uint8Array): Promise<Uint8Array> {
  const { data, info } = await sharp(path, { limitInputPixels: false })
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const columns = info.width / 32;
  const records = new Uint8Array(labels.length * 3073);
  for (let k = 0; k < labels.length; k++) {
    const corner = (Math.floor(k / columns) * 32 * info.width + (k % columns) * 32) * 3;
    records[k * 3073] = labels[k]!;
    for (let row = 0; row < 32; row++)
      for (let column = 0; column < 32; column++)
        for (let channel = 0; channel < 3; channel++)
          records[k * 3073 + 1 + channel * 1024 + row * 32 + column] =
            data[corner + (row * info.width + column) * 3 + channel]!;
  }
  return records;
}
