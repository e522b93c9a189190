import { describe, expect, it } from 'vitest';
import { tf } from '../../../src/engine';
import { distilledFingerprint, mgd3 } from '../../../src/methods';
import { drawLatents } from '../../../src/methods/generative/draw-latents';
import { modePull, towardsMode } from '../../../src/methods/generative/mgd3';
import { colourfulDataset } from '../../diffusion/colourful-dataset';
import { tinyClassPrior } from '../../diffusion/tiny-class-prior';
import { tinyPrior } from '../../diffusion/tiny-prior';
import { relativeError } from '../../models/fixture';
import { smallDataset } from '../small-dataset';
import { analyticPrior } from './analytic-prior';
import { drawing, expected, inputs } from './fixture';

const modes = tf.tensor(expected.modes!, [3, 2, 2, 4]);
const prior = analyticPrior(inputs.weights, { learned: true });
const ddpm = { ...drawing, guidance: 4, steps: 5, sampler: 'ddpm', spacing: 'linspace' } as const;
const draw = async (strength: number, stopAt = 2) => {
  const drawn = await drawLatents(prior, ddpm, (start, count) => ({
    onStep: modePull(modes, { start, count, steps: 5, stopAt, strength }),
  }));
  return drawn.dataSync<'float32'>();
};

describe('MGD3’s step', () => {
  it('is DDPM with a pull to the mode, as written out in Python', async () => {
    expect(relativeError(await draw(0.1), Float32Array.from(expected.mgd3!))).toBeLessThan(1e-4);
  });

  it('is plain sampling bit for bit without strength, or stopped before it begins', async () => {
    const plain = (await drawLatents(prior, ddpm)).dataSync<'float32'>();
    expect(await draw(0)).toEqual(plain);
    expect(await draw(0.1, 4)).toEqual(plain);
    expect(await draw(0.1, 3)).not.toEqual(plain);
  });

  it('leaves latents alone that promise their mode, and others the less the less noise there is', () => {
    const latents = tf.ones([1, 2, 2, 4]);
    const pull = (clean: number, deviation: number) =>
      towardsMode(
        { latents, clean: tf.fill([1, 2, 2, 4], clean), deviation },
        tf.fill([1, 2, 2, 4], 3),
        0.5,
      ).dataSync()[0];
    expect(pull(3, 0.7)).toBe(1);
    expect(pull(5, 0.5)).toBeCloseTo(0.5, 6);
    expect(pull(5, 0.1)).toBeCloseTo(0.9, 6);
  });
});

describe('mgd3', () => {
  const settings = { imagesPerClass: 1, steps: 2, stopAt: 0 };

  it('gives images of each class, from either kind of prior, the same again', async () => {
    const set = await mgd3(smallDataset(), { prior: tinyPrior(), ...settings });
    expect(set.images.map(({ label }) => label)).toEqual([0, 1]);
    expect(set).toMatchObject({ method: 'MGD3', size: 8, settings: { modeGuidance: 0.1, stopAt: 0, guidance: 4 } });
    const prior = tinyClassPrior();
    const print = async (options: object) =>
      distilledFingerprint(await mgd3(colourfulDataset(), { prior, ...settings, modeGuidance: 1, ...options }));
    const prints = [await print({}), await print({ modeGuidance: 0 }), await print({ mode: 'nearest' })];
    expect(new Set(prints).size).toBe(3);
    expect(await print({})).toBe(prints[0]);
  });

  it('keeps no tensor, and says what it lacks', async () => {
    const prior = tinyPrior();
    await mgd3(smallDataset(), { prior, ...settings });
    const before = tf.memory().numTensors;
    await mgd3(smallDataset(), { prior, ...settings });
    expect(tf.memory().numTensors).toBe(before);
    await expect(mgd3(smallDataset(), { prior, imagesPerClass: 7 })).rejects.toThrow('7 real images of');
  });
});
