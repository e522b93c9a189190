import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openWeights, weightsBytes } from '../../../src/models';
import { temporaryFolder } from '../../helpers/temporary';

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
});
