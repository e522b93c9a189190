/**
 * A UNet as large as Stable Diffusion v1.5's: two CPU minutes, 8 GB of memory and 1.7 GB of disk, so it asks twice:
 * STILLHOUSE_PEERS_PYTHON=…/bin/python STILLHOUSE_PEERS_LARGE=1 npx vitest run tests/peers/stable-diffusion-size
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { tf } from '../../src/engine';
import { openWeights, readJson, SafetensorsFile, UNet2DConditionModel } from '../../src/models';
import { relativeError } from '../models/fixture';
import { temporaryFolder } from '../helpers/temporary';

const python = process.env.STILLHOUSE_PEERS_PYTHON;
const asked = python !== undefined && process.env.STILLHOUSE_PEERS_LARGE !== undefined;
const why = asked ? '' : ' (skipped: set STILLHOUSE_PEERS_PYTHON and STILLHOUSE_PEERS_LARGE)';

const folder = temporaryFolder();

describe.skipIf(!asked)(`a UNet of Stable Diffusion v1.5's size${why}`, () => {
  it('loads from half precision and computes what diffusers computes', async () => {
    const script = fileURLToPath(new URL('stable-diffusion-size.py', import.meta.url));
    await promisify(execFile)(python!, [script, folder]);
    const answers = new SafetensorsFile(join(folder, 'answers.safetensors'));
    const tensor = (name: string) => tf.tensor(answers.get(name)!.data, [...answers.get(name)!.shape]);

    const started = performance.now();
    const unet = new UNet2DConditionModel(readJson(join(folder, 'config.json')));
    unet.load(openWeights(folder, 'diffusion_pytorch_model'));
    const loaded = performance.now();
    const { sample, features } = unet.forward(tensor('latents'), 160, tensor('text'), { features: [1] });
    const errors = {
      sample: relativeError(sample.dataSync(), answers.get('sample')!.data),
      feature: relativeError(features[0]!.dataSync(), answers.get('feature')!.data),
    };
    console.log({
      parameters: unet.parameterCount,
      loadSeconds: (loaded - started) / 1000,
      forwardSeconds: (performance.now() - loaded) / 1000,
      residentGigabytes: process.memoryUsage.rss() / 1e9,
      ...errors,
    });
    expect(errors.sample).toBeLessThan(1e-4);
    expect(errors.feature).toBeLessThan(1e-4);
  }, 900_000);
});
