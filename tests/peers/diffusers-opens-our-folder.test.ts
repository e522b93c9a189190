/**
 * Slow, and only where a Python with diffusers is named:
 * STILLHOUSE_PEERS_PYTHON=…/bin/python npx vitest run tests/peers
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { ddimStep, LatentDiffusion, samplerSteps } from '../../src/diffusion';
import { RandomStream, type Tensor, tf } from '../../src/engine';
import { SafetensorsFile, type StoredTensor, writeSafetensors } from '../../src/models';
import { tinyPrior } from '../diffusion/tiny-prior';
import { relativeError } from '../models/fixture';
import { temporaryFolder } from '../helpers/temporary';

const python = process.env.STILLHOUSE_PEERS_PYTHON;
const why = python ? '' : ' (skipped: set STILLHOUSE_PEERS_PYTHON to a Python that has torch, diffusers, transformers)';

const folder = temporaryFolder();

const prompts = ['An image of a kettle', 'An image of .'];
const random = (name: string, shape: number[], low: number, high: number): StoredTensor => {
  const data = new Float32Array(shape.reduce((product, n) => product * n, 1));
  return { shape, data: new RandomStream(1, name).fillUniform(data, low, high) };
};

/** Values as 8-bit pixels give them: the image processor rounds to them on its way. */
const eightBit = ({ shape, data }: StoredTensor): StoredTensor => ({
  shape,
  data: data.map((value) => (Math.round(((value + 1) / 2) * 255) / 255) * 2 - 1),
});

describe.skipIf(!python)(`a prior's folder in Python's diffusers${why}`, () => {
  const inputs = new Map([
    ['images', eightBit(random('images', [2, 8, 8, 3], -1, 1))],
    ['latents', random('latents', [2, 4, 4, 2], -2, 2)],
    ['step_noise', random('noise', [2, 4, 4, 2], -2, 2)],
    ['timestep', { shape: [], data: Float32Array.of(321) }],
  ]);
  const tensor = (name: string): Tensor => tf.tensor(inputs.get(name)!.data, [...inputs.get(name)!.shape]);

  it.each(['float32', 'float16'] as const)(
    'opens as %s and computes what we compute',
    async (dtype) => {
      const saved = join(folder, dtype);
      await tinyPrior().save(saved, { dtype });
      const prior = await LatentDiffusion.load(saved);
      const [given, answers] = [join(folder, 'inputs.safetensors'), join(folder, 'outputs.safetensors')];
      writeSafetensors(given, inputs, { metadata: { prompts: JSON.stringify(prompts) } });
      const script = fileURLToPath(new URL('diffusers-opens-our-folder.py', import.meta.url));
      await promisify(execFile)(python!, [script, saved, given, answers]);

      const text = prior.encodePrompts(prompts);
      const ids = tf.tensor2d(
        prompts.map((prompt) => prior.tokenizer.encode(prompt)),
        undefined,
        'int32',
      );
      const fourth = samplerSteps(prior.schedule, 10)[3]!;
      const ours = {
        ids,
        text,
        latents: prior.encodeImages(tensor('images')),
        noise: prior.unet.forward(tensor('latents'), 321, text).sample,
        step: ddimStep(prior.schedule, { sample: tensor('latents'), output: tensor('step_noise'), ...fourth }).sample,
        decoded: prior.decodeLatents(tensor('latents')),
        embeddings: prior.embedImages(tensor('images')),
        projected: prior.text.forward(ids).textEmbeds,
      };
      const theirs = new SafetensorsFile(answers);
      for (const [name, value] of Object.entries(ours)) {
        expect(relativeError(value.dataSync(), theirs.get(name)!.data), name).toBeLessThan(1e-5);
      }
    },
    120_000,
  );
});
