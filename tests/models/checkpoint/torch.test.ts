import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { TorchFile } from '../../../src/models/checkpoint';
import { unpickle } from '../../../src/models/checkpoint/pickle';
import { fixturePath } from '../fixture';
import { sharedData } from '../../helpers/shared-data';
import { temporaryFolder } from '../../helpers/temporary';

const expected = JSON.parse(readFileSync(fixturePath('torch/expected.json'), 'utf8')) as Record<
  string,
  { shape: number[]; data: number[] }
>;
const WEIGHTS = sharedData('weights');
const folder = temporaryFolder();

function contents(file: TorchFile): Record<string, { shape: number[]; data: number[] }> {
  return Object.fromEntries(
    [...file.keys()].map((name) => {
      const { shape, data } = file.get(name)!;
      return [name, { shape: [...shape], data: Array.from(data) }];
    }),
  );
}
const rounded = Object.fromEntries(
  Object.entries(expected).map(([name, { shape, data }]) => [name, { shape, data: data.map(Math.fround) }]),
);

describe('TorchFile', () => {
  it.each(['bare.pth', 'checkpoint.pth', 'legacy.th', 'protocol-4.pth', 'deflated.pth'])(
    'reads %s: views, strides and element types',
    (name) => {
      expect(contents(new TorchFile(fixturePath(`torch/${name}`)))).toEqual(rounded);
    },
  );

  it('takes the weights from where it is told', () => {
    const path = fixturePath('torch/checkpoint.pth');
    expect(contents(new TorchFile(path, { at: 'optimizer.momentum' }))).toEqual({ a: { shape: [2], data: [1, 1] } });
    expect(() => new TorchFile(path, { at: 'ema' })).toThrow("no tensors at 'ema'; it holds 'epoch', 'best'");
  });

  it('refuses a file that wants to run something, by its name', () => {
    expect(() => new TorchFile(fixturePath('torch/hostile.pth'))).toThrow(
      /Refused to build '(posix|nt).system' from a pickle/,
    );
  });

  it.each(['checkpoint.pth', 'legacy.th'])('refuses %s cut short, at any length', (name) => {
    const bytes = readFileSync(fixturePath(`torch/${name}`));
    const path = join(folder, 'short');
    for (let length = 0; length < bytes.length - 1; length += 97) {
      writeFileSync(path, bytes.subarray(0, length));
      expect(() => new TorchFile(path), `${length} bytes`).toThrow(/PyTorch file '.*short'/);
    }
  });

  it('refuses a pickle that takes what it did not put there', () => {
    const read = (...bytes: number[]) => unpickle(Uint8Array.from(bytes), { constructors: new Map() });
    expect(() => read(0x73)).toThrow('empty stack');
    expect(() => read(0x68, 1)).toThrow('recalls 1');
    expect(() => read(0x65)).toThrow('no mark');
    expect(() => read(0x58, 200, 0, 0, 0, 65)).toThrow('ends too early');
    expect(() => read(0x69)).toThrow('the pickle operation 0x69');
    expect(() => read(0x4e, 0x51)).toThrow('no persistent ids');
  });

  it.runIf(WEIGHTS)('reads published weights of both forms (needs ../shared/data/weights)', () => {
    const resnet = new TorchFile(join(WEIGHTS!, 'resnet20-12fca82f.th'));
    expect(resnet.get('linear.weight')?.shape).toEqual([10, 64]);
    expect(sum(resnet)).toBeCloseTo(21349.56259, 3);
    const dit = new TorchFile(join(WEIGHTS!, 'mnist-dit-cond-40000.pth'));
    expect([...dit.keys()]).toHaveLength(99);
    expect(sum(dit)).toBeCloseTo(25238.375508, 3);
  });
});

/** Sum of all magnitudes; the expected ones are PyTorch's. */
function sum(file: TorchFile): number {
  let total = 0;
  for (const name of file.keys()) for (const value of file.get(name)!.data) total += Math.abs(value);
  return total;
}
