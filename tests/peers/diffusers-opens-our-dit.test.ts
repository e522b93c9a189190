/**
 * Slow, and only where a Python with diffusers is named:
 * STILLHOUSE_PEERS_PYTHON=…/bin/python npx vitest run tests/peers
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { RandomStream, tf } from '../../src/engine';
import { SafetensorsFile, type StoredTensor, writeSafetensors } from '../../src/models';
import { tinyClassPrior } from '../diffusion/tiny-class-prior';
import { temporaryFolder } from '../helpers/temporary';
import { relativeError } from '../models/fixture';

const python = process.env.STILLHOUSE_PEERS_PYTHON;
const why = python ? '' : ' (skipped: set STILLHOUSE_PEERS_PYTHON to a Python that has torch, diffusers, transformers)';
const folder = temporaryFolder();
const [timesteps, labels] = [
  [3, 640],
  [1, 3],
];

describe.skipIf(!python)(`a DiT prior's folder in Python's diffusers${why}`, () => {
  it.each([true, false])(
    'opens and computes what we compute, embeddings tied: %s',
    async (tied) => {
      const prior = tinyClassPrior({ tie_embeddings: tied });
      const saved = join(folder, `tied ${tied}`);
      await prior.save(saved);
      const data = new RandomStream(1, 'latents').fillNormal(new Float32Array(128));
      const inputs = new Map<string, StoredTensor>([
        ['latents', { shape: [2, 4, 4, 4], data }],
        ['timesteps', { shape: [2], data: Float32Array.from(timesteps) }],
        ['labels', { shape: [2], data: Float32Array.from(labels) }],
      ]);
      const [given, answers] = [join(folder, 'inputs.safetensors'), join(folder, 'outputs.safetensors')];
      writeSafetensors(given, inputs);
      const script = fileURLToPath(new URL('diffusers-opens-our-dit.py', import.meta.url));
      await promisify(execFile)(python!, [script, saved, given, answers]);
      const theirs = new SafetensorsFile(answers);
      const latents = tf.tensor(data, [2, 4, 4, 4]);
      const { sample } = prior.transformer.forward(latents, timesteps, tf.tensor1d(labels, 'int32'));
      expect(relativeError(sample.dataSync(), theirs.get('sample')!.data)).toBeLessThan(5e-5);
      expect(relativeError(prior.decodeLatents(latents).dataSync(), theirs.get('decoded')!.data)).toBeLessThan(1e-5);
    },
    120_000,
  );
});
