import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cifar10, cifar10File, cifar100 } from '../../src/datasets/cifar';
import { cifar10Classes, cifar100Classes } from '../../src/datasets/cifar-classes';
import { MissingDataError } from '../../src/datasets/errors';
import { sharedData } from '../helpers/shared-data';
import { temporaryFolder } from '../helpers/temporary';

const folder = temporaryFolder();

/** Records whose planes hold 10, 20 and 30 plus the record's number. */
function records(labels: readonly (readonly number[])[]): Uint8Array {
  return Uint8Array.from(
    labels.flatMap((label, k) => [
      ...label,
      ...[10, 20, 30].flatMap((plane) => new Array<number>(1024).fill(plane + k)),
    ]),
  );
}

describe('CIFAR in its binary layouts', () => {
  it('reads the five training files in order, planes to interleaved RGB', async () => {
    for (let k = 1; k <= 5; k++) writeFileSync(join(folder, `data_batch_${k}.bin`), records([[k], [9]]));
    const data = cifar10({ folder, split: 'train' });
    expect([...data.labels]).toEqual([1, 9, 2, 9, 3, 9, 4, 9, 5, 9]);
    expect(data.classes).toEqual(cifar10Classes);
    const image = await data.image(1);
    expect([...image.data.subarray(0, 6)]).toEqual([11, 21, 31, 11, 21, 31]);
    expect([image.height, image.width, image.data.length]).toEqual([32, 32, 3072]);
  });

  it('fingerprints by content: subsets keep the ids, other orders give other fingerprints', () => {
    const data = cifar10({ folder, split: 'train' });
    const subset = data.subset([3, 0]);
    expect([subset.id(0), subset.id(1)]).toEqual([data.id(3), data.id(0)]);
    expect([...subset.labels]).toEqual([9, 1]);
    expect(subset.fingerprint).not.toBe(data.subset([0, 3]).fingerprint);
  });

  it('takes the fine label of CIFAR-100', async () => {
    writeFileSync(join(folder, 'test.bin'), records([[19, 99]]));
    const data = cifar100({ folder, split: 'test' });
    expect([...data.labels]).toEqual([99]);
    expect(data.classes[99]).toBe('worm');
    expect(new Set(cifar100Classes).size).toBe(100);
    expect((await data.image(0)).data[0]).toBe(10);
  });

  it('names missing, cut and foreign files', () => {
    expect(() => cifar10({ folder, split: 'test' })).toThrow(MissingDataError);
    expect(() => cifar10({ folder, split: 'test' })).toThrow(/test_batch\.bin.*downloadCifar10/);
    writeFileSync(join(folder, 'test_batch.bin'), records([[1]]).subarray(0, 3000));
    expect(() => cifar10({ folder, split: 'test' })).toThrow('got 3000 bytes');
    writeFileSync(join(folder, 'test_batch.bin'), records([[11]]));
    expect(() => cifar10({ folder, split: 'test' })).toThrow('got 11 in record 0');
  });
});

const mini = sharedData('cifar10', 'mini_train.bin');

describe.runIf(mini)('the excerpt of real CIFAR-10 (needs ../shared/data/cifar10)', () => {
  it('holds a hundred images a class', () => {
    const data = cifar10File(mini!);
    for (let label = 0; label < 10; label++) expect(data.labels.filter((other) => other === label).length).toBe(100);
    expect(new Set(data.labels.map((_, i) => Number.parseInt(data.id(i).slice(0, 8), 16))).size).toBeGreaterThan(990);
  });
});
