import { describe, expect, it } from 'vitest';
import {
  ddimStep,
  ddpmStep,
  LEARNED_VARIANCE_SCHEDULE,
  NoiseSchedule,
  type SampleOptions,
  sample,
  samplerSteps,
} from '../../src/diffusion';
import { gaussianNoise, RandomStream, type Tensor, tf } from '../../src/engine';
import { DiT } from '../../src/models';
import { relativeError } from '../models/fixture';
import { tinyPrior } from './tiny-prior';

const prior = tinyPrior();
const { unet, schedule } = prior;
const [text, nullText] = [prior.encodePrompts(['a kettle', 'an image']), prior.encodePrompts(['.'])];
const settings = {
  denoiser: unet,
  schedule,
  condition: text,
  size: [4, 4],
  steps: 4,
  noise: { seed: 3, items: ['a', 'b'] },
} as const;
const run = async (options: Partial<SampleOptions> = {}): Promise<Float32Array> =>
  (await sample({ ...settings, ...options })).data() as Promise<Float32Array>;

/** A DiT with a learned variance and no weight at zero. */
function randomDit(): DiT {
  const dit = new DiT(
    {
      num_attention_heads: 2,
      attention_head_dim: 4,
      num_layers: 2,
      sample_size: 4,
      num_embeds_ada_norm: 3,
      out_channels: 8,
    },
    { seed: 1 },
  );
  for (const [name, parameter] of dit.parameters()) {
    const data = new RandomStream(1, name).fillNormal(new Float32Array(parameter.size)).map((value) => 0.3 * value);
    parameter.assign({ shape: parameter.shape, data });
  }
  return dit;
}

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
    expect(relativeError(await run({ guidance: 3, nullCondition: nullText }), latents.dataSync())).toBeLessThan(1e-5);
  });

  it.each(['ddim', 'ddpm'] as const)('gives an item the same latents in any batch (%s)', async (sampler) => {
    const both = await run({ sampler });
    const second = await run({
      sampler,
      condition: tf.slice(text, [1, 0, 0], [1, -1, -1]),
      noise: { seed: 3, items: ['b'] },
    });
    expect(relativeError(second, both.subarray(32))).toBeLessThan(1e-5);
    expect(await run({ sampler })).toEqual(both);
    expect(await run({ sampler, noise: { seed: 4, items: ['a', 'b'] } })).not.toEqual(both);
  });

  it('guides three channels alone where asked, and leaves the others and the variance to the label', async () => {
    const dit = randomDit();
    const labels = tf.tensor1d([2, 0], 'int32');
    const three = {
      denoiser: dit,
      schedule: new NoiseSchedule(LEARNED_VARIANCE_SCHEDULE),
      condition: labels,
      nullCondition: tf.tensor1d([dit.nullClass], 'int32'),
      guidance: 4,
      guidanceOn: 'three',
      sampler: 'ddpm',
      spacing: 'linspace',
      steps: 1,
    } as const;
    const latents = tf.tensor(
      ['a', 'b'].flatMap((item) => [...gaussianNoise({ seed: 3, item, timestep: 1000, size: 64 })]),
      [2, 4, 4, 4],
    );
    const [under, without] = [labels, tf.fill([2], 3, 'int32')].map((which) => {
      const { sample } = dit.forward(latents, 0, which);
      return tf.unstack(sample, 3);
    });
    const output = tf.stack(
      under!.map((channel, i) => (i < 3 ? tf.add(tf.mul(channel, 4), tf.mul(without![i]!, -3)) : channel)),
      3,
    );
    const expected = ddpmStep(three.schedule, { sample: latents, output, timestep: 0, previous: -1 }).sample;
    expect(relativeError(await run(three), expected.dataSync())).toBeLessThan(1e-5);
    expect(await run({ ...three, guidanceOn: 'all' })).not.toEqual(await run(three));
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

  it('goes on from noisy latents where another run stopped', async () => {
    const states: Float32Array[] = [];
    const whole = await run({ onStep: ({ latents }) => void states.push(latents.dataSync<'float32'>().slice()) });
    const start = { latents: tf.tensor(states[1]!, [2, 4, 4, 2]), steps: 2 };
    expect(await run({ start })).toEqual(whole);
    await expect(run({ start: { ...start, steps: 5 } })).rejects.toThrow('1 … 4 steps before the end');
    const from = { latents: start.latents, strength: 0.5 };
    await expect(run({ start, from })).rejects.toThrow('got both');
  });

  it('tells a hook what it started from, and the deviation of the noise that it added', async () => {
    const seen: { noisy: Float32Array; after: Float32Array; deviation: number }[] = [];
    const dit = randomDit();
    await run({
      denoiser: dit,
      schedule: new NoiseSchedule({ ...LEARNED_VARIANCE_SCHEDULE, variance_type: 'fixed_large' }),
      condition: tf.tensor1d([0, 1], 'int32'),
      sampler: 'ddpm',
      onStep: ({ noisy, latents, deviation }) =>
        void seen.push({
          noisy: noisy.dataSync<'float32'>().slice(),
          after: latents.dataSync<'float32'>().slice(),
          deviation: deviation as number,
        }),
    });
    expect(seen[1]!.noisy).toEqual(seen[0]!.after);
    const { alphasCumprod: left } = new NoiseSchedule(LEARNED_VARIANCE_SCHEDULE);
    expect(seen[0]!.deviation).toBeCloseTo(Math.sqrt(1 - left[750]! / left[500]!), 6);
    expect(seen[3]!.deviation).toBe(0);
  });

  it('leaks no tensor beyond its result, and none when stopped', async () => {
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
    await expect(run({ guidance: 2 })).rejects.toThrow("Expected 'nullCondition' for guidance 2");
    await expect(run({ noise: { seed: 1, items: ['a'] } })).rejects.toThrow('a condition for each of 1 items, got 2');
    await expect(run({ sampler: 'ddpm', eta: 0.5 })).rejects.toThrow("0 with 'ddpm', got 0.5");
  });
});
