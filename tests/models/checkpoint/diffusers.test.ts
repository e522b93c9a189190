import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openWeights, weightsBytes, writeSafetensors } from '../../../src/models';
import { temporaryFolder } from '../../helpers/temporary';
import { fixturePath } from '../fixture';

describe('the weights of a folder', () => {
  const name = 'diffusion_pytorch_model';
  const folder = temporaryFolder();
  const write = (file: string, content: number | object): void =>
    writeFileSync(join(folder, file), typeof content === 'number' ? new Uint8Array(content) : JSON.stringify(content));

  it('are the first of the usual files, all shards counted once', () => {
    expect(weightsBytes(folder, name)).toBe(0);
    expect(() => openWeights(folder, name)).toThrow(
      `one of ${name}.safetensors, ${name}.fp16.safetensors, ${name}.safetensors.index.json, ${name}.bin. Download`,
    );
    write(`${name}.bin`, 100);
    expect(weightsBytes(folder, name)).toBe(100);
    write('part-1.safetensors', 20);
    write('part-2.safetensors', 3);
    const map = { a: 'part-1.safetensors', b: 'part-2.safetensors', c: 'part-1.safetensors' };
    write(`${name}.safetensors.index.json`, { weight_map: map });
    expect(weightsBytes(folder, name)).toBe(23);
    write(`${name}.safetensors`, 7);
    expect(weightsBytes(folder, name)).toBe(7);
  });

  it('in shards are refused with the name of a shard that is missing or lacks a tensor', () => {
    const folder = temporaryFolder();
    const index = (map: Record<string, string>) =>
      writeFileSync(join(folder, `${name}.safetensors.index.json`), JSON.stringify({ weight_map: map }));
    writeSafetensors(join(folder, 'one.safetensors'), new Map([['a', { shape: [1], data: Float32Array.of(3) }]]));
    index({ a: 'one.safetensors' });
    expect(openWeights(folder, name).get('a')?.data).toEqual(Float32Array.of(3));
    index({ a: 'one.safetensors', b: 'one.safetensors' });
    expect(() => openWeights(folder, name)).toThrow(/the tensor 'b' in '.*one\.safetensors'.*that shard lacks it/);
    index({ a: 'one.safetensors', b: 'two.safetensors' });
    expect(() => openWeights(folder, name)).toThrow(/found no two\.safetensors. Download the model whole/);
    expect(() => weightsBytes(folder, name)).toThrow(/found no two\.safetensors/);
  });

  it('in a PyTorch file are refused with NaN unless it is accepted, as in any other', () => {
    const folder = temporaryFolder();
    const path = join(folder, `${name}.bin`);
    copyFileSync(fixturePath('torch/legacy.th'), path);
    // The sevenths of its largest tensor lie bare in the old format.
    const bytes = readFileSync(path);
    const at = bytes.indexOf(Buffer.from(Float32Array.of(1 / 7, 2 / 7).buffer));
    expect(at).toBeGreaterThan(0);
    bytes.writeFloatLE(Number.NaN, at);
    writeFileSync(path, bytes);
    const all = (nonFinite: 'refuse' | 'accept') => {
      const weights = openWeights(folder, name, { nonFinite });
      return [...weights.keys()].map((key) => weights.get(key)!.data);
    };
    expect(() => all('refuse')).toThrow(/Expected finite values in '.*', got NaN at \d+ of the PyTorch file/);
    expect(all('accept').some((data) => data.some(Number.isNaN))).toBe(true);
  });
});
