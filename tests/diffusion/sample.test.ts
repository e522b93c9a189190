import { describe, expect, it } from 'vitest';
import { ddimStep, type SampleOptions, sample, samplerSteps } from '../../src/diffusion';
import { gaussianNoise, type Tensor, tf } from '../../src/engine';
import { relativeError } from '../models/fixture';
import { tinyPrior } from './tiny-prior';

const prior = tinyPrior();
const { unet, schedule } = prior;
const [text, nullText] = [prior.encodePrompts(['a kettle', 'an image']), prior.encodePrompts(['.'])];
const settings = { unet, schedule, text, size: [4, 4], steps: 4, noise: { seed: 3, items: ['a', 'b'] } } as const;
const run = async (options: Partial<SampleOptions> = {}): Promise<Float32Array> =>
  (await sample({ ...settings, ...options })).data() as Promise<Float32Array>;

describe('sample', () => {
  it('is DDIM with guidance, spelled out', async () => {
    const start = ['a', 'b'].flatMap((item) => [...gaussianNoise({ seed: 3, item, timestep: 1000, size: 32 })]);
    let latents: Tensor = tf.tensor(start, [2, 4, 4, 2]);
    for (const step of samplerSteps(schedule, 4)) {
      const under = unet.forward(latents, step.timestep, text).sample;
      const without = unet.forward(latents, step.timestep, tf.tile(nullText, [2, 1, 1])).sample;
      const output = tf.add(tf.mul(under, 3), tf.mul(without, -2));
      latents = ddimStep(schedule, { sample: latents, output, ...step }).sample;
    }
    expect(relativeError(await run({ guidance: 3, nullText }), latents.dataSync())).toBeLessThan(1e-5);
  });

  it.each(['ddim', 'ddpm'] as const)('gives an item the same latents in any batch (%s)', async (sampler) => {
    const both = await run({ sampler });
    const second = await run({
      sampler,
      text: tf.slice(text, [1, 0, 0], [1, -1, -1]),
      noise: { seed: 3, items: ['b'] },
    });
    expect(relativeError(second, both.subarray(32))).toBeLessThan(1e-5);
    expect(await run({ sampler })).toEqual(both);
    expect(await run({ sampler, noise: { seed: 4, items: ['a', 'b'] } })).not.toEqual(both);
  });

  it('reports each step and lets a hook replace the latents', async () => {
    const done: number[] = [];
    const latents = await run({
      onProgress: (progress) => done.push(progress.done / progress.total),
      onStep: ({ index, latents, clean }) => {
        expect(clean.shape).toEqual(latents.shape);
        return index === 3 ? tf.zerosLike(latents) : undefined;
      },
    });
    expect(done).toEqual([0.25, 0.5, 0.75, 1]);
    expect(Math.max(...latents.map(Math.abs))).toBe(0);
  });

  it('starts from noised latents and does that share of the steps', async () => {
    const visited: number[] = [];
    const latents = tf.ones([2, 4, 4, 2]);
    await run({ from: { latents, strength: 0.5 }, onStep: ({ timestep }) => void visited.push(timestep) });
    expect(visited).toEqual([251, 1]);
    await expect(run({ from: { latents, strength: 0.1 } })).rejects.toThrow('at least 1 of 4 steps');
  });

  it('keeps no tensor but its result, when stopped not even that', async () => {
    await run();
    const before = tf.memory().numTensors;
    (await sample({ ...settings, sampler: 'ddpm' })).dispose();
    expect(tf.memory().numTensors).toBe(before);
    const controller = new AbortController();
    const stopped = sample({ ...settings, signal: controller.signal, onProgress: () => controller.abort() });
    await expect(stopped).rejects.toThrow(/abort/i);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('says what does not fit', async () => {
    await expect(run({ guidance: 2 })).rejects.toThrow("Expected 'nullText' for guidance 2");
    await expect(run({ noise: { seed: 1, items: ['a'] } })).rejects.toThrow('text states for 1 items, got 2');
    await expect(run({ sampler: 'ddpm', eta: 0.5 })).rejects.toThrow("0 with 'ddpm', got 0.5");
  });
});
