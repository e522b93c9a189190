import { describe, expect, it } from 'vitest';
import { invert, NoiseSchedule, sample } from '../../src/diffusion';
import { RandomStream, type Tensor, tf } from '../../src/engine';
import { relativeError } from '../models/fixture';

/** Smooth in latents and timestep; the condition is one number an item. */
const denoiser = {
  config: { in_channels: 2, out_channels: 2 },
  forward: (x: Tensor, t: unknown, condition: Tensor) => ({
    sample: tf.tanh(tf.add(tf.mul(x, 0.5 + Number(t) / 2000), tf.reshape(condition, [-1, 1, 1, 1]))),
  }),
};
const schedule = new NoiseSchedule();
const [condition, nullCondition] = [tf.tensor1d([0.3, -0.2]), tf.tensor1d([0.1])];
const latents = tf.tensor(new RandomStream(4, 'latents').fillNormal(new Float32Array(64)), [2, 4, 4, 2]);
const guided = { denoiser, schedule, condition, nullCondition, guidance: 1.5 };
const noise = { seed: 0, items: ['a', 'b'] };

const thereAndBack = async (steps: number, back: number): Promise<number> => {
  const noisy = await invert({ ...guided, latents, steps, back });
  const again = await sample({ ...guided, size: [4, 4], noise, steps, start: { latents: noisy, steps: back } });
  return relativeError(again.dataSync(), latents.dataSync());
};

describe('invert', () => {
  it('is undone by sampling, better with smaller steps', async () => {
    const [coarse, fine] = [await thereAndBack(5, 3), await thereAndBack(50, 30)];
    expect(fine).toBeLessThan(coarse);
    expect(fine).toBeLessThan(0.05);
  });

  it('is undone exactly where the noise does not depend on the latents', async () => {
    const shift = tf.tensor1d([0.3, -0.2]);
    const fixed = {
      ...denoiser,
      forward: (x: Tensor, t: unknown) => ({ sample: tf.add(tf.zerosLike(x), tf.mul(shift, 1 + Number(t) / 1000)) }),
    };
    const plain = { denoiser: fixed, condition, schedule, steps: 10 };
    const noisy = await invert({ ...plain, latents });
    const start = { latents: noisy, steps: 10 };
    const again = await sample({ ...plain, size: [4, 4], noise, start });
    expect(relativeError(again.dataSync(), latents.dataSync())).toBeLessThan(1e-5);
  });

  it('leaks no tensor, also when stopped, and says what does not fit', async () => {
    const once = async () => (await invert({ ...guided, latents, steps: 3 })).dispose();
    await once();
    const before = tf.memory().numTensors;
    await once();
    expect(tf.memory().numTensors).toBe(before);
    const options = { ...guided, latents, steps: 3 };
    await expect(invert({ ...options, signal: AbortSignal.abort() })).rejects.toThrow('abort');
    expect(tf.memory().numTensors).toBe(before);
    await expect(invert({ ...options, back: 4 })).rejects.toThrow('back 1 … 3 steps, got 4');
  });
});
