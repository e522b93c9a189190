import { describe, expect, it, vi } from 'vitest';
import { LatentDiffusion, NoiseSchedule } from '../../src/diffusion';
import { differentialLosses } from '../../src/diffusion/noise-loss';
import { gaussianNoise, type Tensor, tf } from '../../src/engine';
import type { UNet2DConditionModel } from '../../src/models';
import { tinyPrior } from './tiny-prior';

const prior = tinyPrior();
const latents = {
  values: Float32Array.from({ length: 3 * 4 * 4 * 2 }, (_, i) => Math.sin(i)),
  shape: [3, 4, 4, 2] as const,
};
const ids = ['a', 'b', 'c'];
const prompts = { label: 'An image of a kettle', null: 'An image of .' };
const draws = [120, 480, 650].map((timestep, index) => ({ timestep, index }));
const options = { draws, prompts, seed: 7 };
const losses = (changes = {}) => differentialLosses(prior, latents, ids, { ...options, ...changes });

describe('differentialLosses', () => {
  it('is equation 6: the squared error without the label less that with it, averaged over channels and draws', async () => {
    const [text, empty] = [prompts.label, prompts.null].map((prompt) => prior.encodePrompts([prompt]));
    const expected = tf.tidy(() => {
      const z = tf.tensor(latents.values.slice(0, 32), [1, 4, 4, 2]);
      const each = draws.map(({ timestep, index }) => {
        const noise = tf.tensor(gaussianNoise({ seed: 7, item: `draw/${index}`, timestep, size: 32 }), [1, 4, 4, 2]);
        const noisy = prior.schedule.addNoise(z, noise, timestep);
        const error = (states: Tensor) =>
          tf.mean(tf.square(tf.sub(prior.unet.forward(noisy, timestep, states).sample, noise)), 3);
        return tf.sub(error(empty!), error(text!));
      });
      return tf.div(tf.addN(each as [Tensor]), draws.length);
    });
    const { values, shape } = await losses();
    expect(shape).toEqual([3, 4, 4]);
    const first = [...expected.dataSync()];
    for (const [i, value] of first.entries()) expect(values[i]).toBeCloseTo(value, 5);
  });

  it.each(['shared', 'per image'] as const)('does not depend on batches, with %s noise', async (noise) => {
    const [one, many] = [await losses({ noise, batch: 1 }), await losses({ noise, batch: 64 })];
    for (const [i, value] of one.values.entries()) expect(many.values[i]).toBeCloseTo(value, 5);
  });

  it('takes fewer latents per pass the larger they are, to bound memory', async () => {
    const predictsNothing = (sample: Tensor) => ({ sample: tf.zerosLike(sample), features: [] });
    const passes = vi.spyOn(prior.unet, 'forward').mockImplementation(predictsNothing);
    const large = { values: new Float32Array(64 * 64 * 2).fill(0.1), shape: [1, 64, 64, 2] as const };
    const nine = Array.from({ length: 9 }, (_, index) => ({ timestep: 100, index }));
    await differentialLosses(prior, large, ['a'], { ...options, draws: nine });
    expect(passes.mock.calls.map(([sample]) => sample.shape[0])).toEqual([4, 4, 4, 4, 1, 1]);
    passes.mockRestore();
  });

  it('is the mean of its draws: groups weighted by their draws give the whole', async () => {
    const [head, tail] = [await losses({ draws: draws.slice(0, 1) }), await losses({ draws: draws.slice(1) })];
    for (const [i, value] of (await losses()).values.entries()) {
      expect((head.values[i]! + 2 * tail.values[i]!) / 3).toBeCloseTo(value, 5);
    }
  });

  it('gives equal images equal losses with shared noise, and different ones without', async () => {
    const twins = { values: new Float32Array(64).fill(0.5), shape: [2, 4, 4, 2] as const };
    const of = async (noise: 'shared' | 'per image') => {
      const { values } = await differentialLosses(prior, twins, ['a', 'b'], { ...options, noise });
      return [values.slice(0, 16), values.slice(16)];
    };
    const [a, b] = await of('shared');
    for (const [i, value] of a!.entries()) expect(b![i]).toBeCloseTo(value, 6);
    const [c, d] = await of('per image');
    expect(Math.max(...c!.map((value, i) => Math.abs(value - d![i]!)))).toBeGreaterThan(1e-4);
  });

  it('scores a v-prediction prior by the noise that its output stands for', async () => {
    // A prior that says the same noise as v: v = (ε - √(1-α̅) z_t… solved for √α̅ ε̂ + …) gives the same losses.
    const schedule = new NoiseSchedule({ ...prior.schedule.config, prediction_type: 'v_prediction' });
    const unet = Object.create(prior.unet, {
      forward: {
        value: (...[z, t, states]: Parameters<UNet2DConditionModel['forward']>) =>
          tf.tidy(() => {
            const noise = prior.unet.forward(z, t, states).sample;
            const [keep, add] = schedule.factors(z, t as Int32Array);
            return { sample: tf.div(tf.sub(noise, tf.mul(z, add)), keep), features: [] };
          }),
      },
    }) as UNet2DConditionModel;
    const { vae, text, tokenizer } = prior;
    const speaking = new LatentDiffusion({ vae, text, tokenizer, unet, schedule });
    const { values } = await differentialLosses(speaking, latents, ids, options);
    for (const [i, value] of (await losses()).values.entries()) expect(values[i]).toBeCloseTo(value, 3);
  });

  it('names the image whose loss is not finite', async () => {
    const broken = { ...latents, values: latents.values.slice() };
    broken.values[40] = Number.NaN;
    await expect(differentialLosses(prior, broken, ids, options)).rejects.toThrow(
      /finite noise losses, got NaN for image b at timestep 120/,
    );
  });

  it('refuses no draws, and a list of names of another length', async () => {
    await expect(losses({ draws: [] })).rejects.toThrow('at least one noise draw');
    await expect(differentialLosses(prior, latents, ['a'], options)).rejects.toThrow('got 1 for 3 images');
  });
});
