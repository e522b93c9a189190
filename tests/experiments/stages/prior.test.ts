import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { priorFolder } from '../../../src/experiments/priors';
import { noiseLosses } from '../../../src/experiments/stages';
import { classPriorSchema } from '../../../src/experiments/stages/class-prior';
import { priorSchema } from '../../../src/experiments/stages/prior';
import { weightsBytes } from '../../../src/models';

describe('memory of a task with a prior', () => {
  it('grows by the weights in float32, which are twice their float16 files', () => {
    const files = priorFolder('still-life');
    const [unet, vae] = ['unet', 'vae'].map((part) => weightsBytes(join(files, part), 'diffusion_pytorch_model'));
    const texts = ['text_encoder', 'image_encoder'].map((part) => weightsBytes(join(files, part), 'model'));
    const bytes = unet! + vae! + texts[0]! + texts[1]!;
    const { memory, threads } = noiseLosses.resources({ prior: { name: 'still-life', fingerprint: '' } });
    expect(threads).toBe(1);
    expect(memory).toBe(3000 + Math.ceil((2 * bytes) / 2 ** 20));
    expect(memory).toBeGreaterThan(3010);
  });
});

it.each([
  ['prior', priorSchema],
  ['class-conditional prior', classPriorSchema],
])('a %s with a field that no stage reads is refused, and not taken without it', (_, schema) => {
  expect(() => schema.parse({ name: 'still-life', fingerprint: 'f', weights: 'mine' })).toThrow('weights');
});
