import { describe, expect, it } from 'vitest';
import { tf } from '../../../src/engine';
import { distilledFingerprint, d4m, d4mPrompts } from '../../../src/methods';
import { drawLatents } from '../../../src/methods/generative/draw-latents';
import { tinyClassPrior } from '../../diffusion/tiny-class-prior';
import { tinyPrior } from '../../diffusion/tiny-prior';
import { colourfulDataset } from '../../diffusion/colourful-dataset';
import { relativeError } from '../../models/fixture';
import { smallDataset } from '../small-dataset';
import { analyticPrior } from './analytic-prior';
import { drawing, expected, inputs } from './fixture';

describe('D4M’s step', () => {
  it('is SDEdit from the prototypes under guidance, as written out in Python', async () => {
    const prior = analyticPrior(inputs.weights);
    const modes = tf.tensor(expected.modes!, [3, 2, 2, 4]);
    const drawn = await drawLatents(prior, { ...drawing, guidance: 8, steps: 10 }, (start, size) => ({
      from: { latents: tf.slice(modes, [start, 0, 0, 0], [size, -1, -1, -1]), strength: 0.7 },
    }));
    expect(relativeError(drawn.dataSync(), Float32Array.from(expected.d4m!))).toBeLessThan(1e-4);
  });
});

describe('d4m', () => {
  const dataset = smallDataset();
  const settings = { imagesPerClass: 2, steps: 3 };

  it('gives images of each class in label order, at the prior’s size or the one asked for', async () => {
    const prior = tinyPrior();
    const set = await d4m(dataset, { prior, ...settings });
    expect(set.images.map(({ label }) => label)).toEqual([0, 0, 1, 1]);
    expect(set).toMatchObject({ method: 'D4M', size: 8, factor: 1, settings: { strength: 0.7, guidance: 8 } });
    const larger = await d4m(dataset, { prior, ...settings, size: 12 });
    expect(larger.images[0]!.pixels).toMatchObject({ height: 12, width: 12 });
  });

  it('draws from a prior under labels too, is the same again and changes with strength and seed', async () => {
    const prior = tinyClassPrior();
    const draw = async (options: object) =>
      distilledFingerprint(await d4m(colourfulDataset(), { prior, ...settings, ...options }));
    const prints = [await draw({}), await draw({ strength: 0.4 }), await draw({ seed: 1 })];
    expect(new Set(prints).size).toBe(3);
    expect(await draw({})).toBe(prints[0]);
  });

  it('has the released prompts where the vocabulary is open, and the trained ones otherwise', async () => {
    const open = await d4m(dataset, { prior: tinyPrior(), ...settings });
    expect(open.settings).toMatchObject({ prompt: '{}', nullPrompt: 'cartoon, anime, painting' });
    const known = await d4m(dataset, { prior: tinyPrior({ classes: dataset.classes }), ...settings });
    expect(known.settings).toMatchObject({ prompt: 'An image of {}', nullPrompt: 'An image of .' });
    expect(d4mPrompts({ classes: undefined })).not.toEqual({});
  });

  it('refuses too few images, unknown classes and settings out of range', async () => {
    await expect(d4m(dataset, { prior: tinyPrior(), imagesPerClass: 7 })).rejects.toThrow('7 real images of');
    const prior = tinyPrior({ classes: ['cup'] });
    await expect(d4m(dataset, { prior, ...settings })).rejects.toThrow("'jug'");
    await expect(d4m(dataset, { prior: tinyPrior(), ...settings, strength: 0 })).rejects.toThrow('strength');
    await expect(d4m(dataset, { prior: tinyPrior(), ...settings, prompt: 'cup' })).rejects.toThrow("'{}'");
  });

  it('keeps no tensor, and stops when told', async () => {
    const prior = tinyPrior();
    await d4m(dataset, { prior, ...settings });
    const before = tf.memory().numTensors;
    await d4m(dataset, { prior, ...settings });
    expect(tf.memory().numTensors).toBe(before);
    await expect(d4m(dataset, { prior, ...settings, signal: AbortSignal.abort() })).rejects.toThrow('abort');
    expect(tf.memory().numTensors).toBe(before);
  });
});
