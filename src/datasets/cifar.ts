/** CIFAR-10 and CIFAR-100 (Krizhevsky 2009) in their binary layouts. */

import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { cifar100Classes, cifar10Classes } from './cifar-classes';
import { MissingDataError } from './errors';
import { fingerprint } from './fingerprint';
import type { ImageDataset, Pixels } from './record';

export interface CifarOptions {
  /** Folder that holds the `.bin` files (or `cifar-10-batches-bin`, `cifar-100-binary` with them). */
  folder: string;
  split: 'train' | 'test';
}

const side = 32;
const plane = side * side;

interface Layout {
  readonly name: string;
  readonly subfolder: string;
  readonly files: Readonly<Record<CifarOptions['split'], readonly string[]>>;
  /** Images in one file of each split. */
  readonly images: Readonly<Record<CifarOptions['split'], number>>;
  /** Bytes before the pixels; the last one is the label. */
  readonly labelBytes: number;
  readonly classes: readonly string[];
}

const cifar10Layout: Layout = {
  name: 'CIFAR-10',
  subfolder: 'cifar-10-batches-bin',
  files: { train: [1, 2, 3, 4, 5].map((k) => `data_batch_${k}.bin`), test: ['test_batch.bin'] },
  images: { train: 10_000, test: 10_000 },
  labelBytes: 1,
  classes: cifar10Classes,
};

const cifar100Layout: Layout = {
  name: 'CIFAR-100',
  subfolder: 'cifar-100-binary',
  files: { train: ['train.bin'], test: ['test.bin'] },
  images: { train: 50_000, test: 10_000 },
  labelBytes: 2, // coarse, fine
  classes: cifar100Classes,
};

/** Records of 3072 bytes after the label: the red, the green and the blue plane. */
class CifarDataset implements ImageDataset {
  readonly size = side;
  readonly labels: Int32Array;
  private summary: string | undefined;

  constructor(
    readonly name: string,
    readonly classes: readonly string[],
    private readonly records: readonly Uint8Array[],
    private readonly labelBytes: number,
  ) {
    this.labels = Int32Array.from(records, (record) => record[labelBytes - 1]!);
  }

  get fingerprint(): string {
    this.summary ??= fingerprint(this.name, ...this.records);
    return this.summary;
  }

  id(i: number): string {
    return fingerprint('cifar', this.record(i));
  }

  async image(i: number): Promise<Pixels> {
    const record = this.record(i);
    const data = new Uint8Array(plane * 3);
    for (let k = 0, from = this.labelBytes; k < plane; k++, from++) {
      data[3 * k] = record[from]!;
      data[3 * k + 1] = record[from + plane]!;
      data[3 * k + 2] = record[from + 2 * plane]!;
    }
    return { data, height: side, width: side };
  }

  subset(indices: ArrayLike<number>, name = `${this.name} (${indices.length} chosen)`): ImageDataset {
    const records = Array.from(indices, (i) => this.record(i));
    return new CifarDataset(name, this.classes, records, this.labelBytes);
  }

  private record(i: number): Uint8Array {
    const record = this.records[i];
    if (!record)
      throw new RangeError(`Expected an image index in 0 … ${this.records.length - 1} of ${this.name}, got ${i}.`);
    return record;
  }
}

/** Splits the bytes of a file into records. @throws when the length or a label doesn't fit the layout. */
function readRecords(path: string, { labelBytes, classes, name }: Layout): Uint8Array[] {
  const bytes = readFileSync(path);
  const length = labelBytes + 3 * plane;
  if (bytes.length === 0 || bytes.length % length !== 0)
    throw new Error(
      `Expected ${path} to hold whole ${name} records of ${length} bytes, got ${bytes.length} bytes. Download it again.`,
    );
  return Array.from({ length: bytes.length / length }, (_, k) => {
    const record = bytes.subarray(k * length, (k + 1) * length);
    const label = record[labelBytes - 1]!;
    if (label >= classes.length)
      throw new Error(
        `Expected labels of ${name} in 0 … ${classes.length - 1}, got ${label} in record ${k} of ${path}.`,
      );
    return record;
  });
}

function open(layout: Layout, { folder, split }: CifarOptions): ImageDataset {
  const nested = join(folder, layout.subfolder);
  const place = existsSync(nested) ? nested : folder;
  const paths = layout.files[split].map((file) => join(place, file));
  const missing = paths.filter((path) => !existsSync(path));
  if (missing.length > 0)
    throw new MissingDataError(
      `Expected the ${split} files of ${layout.name} in ${folder}, didn't find ${missing.join(', ')}. ` +
        `Download them with download${layout.name.replace('-', '').replace('CIFAR', 'Cifar')}({ folder: '${folder}' }).`,
      missing,
    );
  const records = paths.flatMap((path) => readRecords(path, layout));
  return new CifarDataset(`${layout.name} ${split}`, layout.classes, records, layout.labelBytes);
}

/** CIFAR-10: 50,000 + 10,000 images of 32 × 32, ten classes. @throws {MissingDataError} when a file isn't there. */
export function cifar10(options: CifarOptions): ImageDataset {
  return open(cifar10Layout, options);
}

/** CIFAR-100, by its fine labels. @throws {MissingDataError} when a file isn't there. */
export function cifar100(options: CifarOptions): ImageDataset {
  return open(cifar100Layout, options);
}

/** A file of CIFAR-10 records that isn't one of the official six, such as an excerpt. */
export function cifar10File(path: string): ImageDataset {
  return new CifarDataset(`CIFAR-10 (${path})`, cifar10Classes, readRecords(path, cifar10Layout), 1);
}

/** Whether `folder` holds all files of a layout, of the official length. */
function holds({ subfolder, files, labelBytes, images }: Layout, folder: string): boolean {
  const nested = join(folder, subfolder);
  const place = existsSync(nested) ? nested : folder;
  return (['train', 'test'] as const).every((split) =>
    files[split].every((file) => {
      const stat = statSync(join(place, file), { throwIfNoEntry: false });
      return stat?.size === images[split] * (labelBytes + 3 * plane);
    }),
  );
}

/** Whether `folder` holds all files of CIFAR-10, of the official length. */
export const holdsCifar10 = (folder: string): boolean => holds(cifar10Layout, folder);

/** Whether `folder` holds all files of CIFAR-100, of the official length. */
export const holdsCifar100 = (folder: string): boolean => holds(cifar100Layout, folder);
