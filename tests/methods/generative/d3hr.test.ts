import { describe, expect, it } from 'vitest';
import { tf } from '../../../src/engine';
import { classGaussian, d3hr, distilledFingerprint } from '../../../src/methods';
import { invertedLatents } from '../../../src/methods/generative/class-gaussian';
import { colourfulDataset } from '../../diffusion/colourful-dataset';
import { tinyClassPrior } from '../../diffusion/tiny-class-prior';
import { tinyPrior } from '../../diffusion/tiny-prior';
import { relativeError } from '../../models/fixture';
import { smallDataset } from '../small-dataset';
import { analyticPrior } from './analytic-prior';
import { expected, inputs, latents } from './fixture';

describe('D3HR’s inversion', () => {
  it('is DDIM backwards under guidance on all channels, as written out in Python', async () => {
    const prior = analyticPrior(inputs.weights, { learned: true });
    const way = { className: inputs.className, batch: 3, steps: 10, back: 6, guidance: 4 };
    const noised = (await invertedLatents(prior, latents, way)).flatMap((vector) => [...vector]);
    expect(relativeError(Float32Array.from(noised), Float32Array.from(expected.inverted!))).toBeLessThan(1e-4);
  });
});

describe('d3hr', () => {
  const settings = { imagesPerClass: 2, steps: 2, back: 1, groups: 4 };

  it('gives images of each class, from either kind of prior, the same again', async () => {
    const set = await d3hr(smallDataset(), { prior: tinyPrior(), ...settings });
    expect(set.images.map(({ label }) => label)).toEqual([0, 0, 1, 1]);
    expect(set).toMatchObject({ method: 'D3HR', size: 8, settings: { back: 1, groups: 4, guidance: 4 } });
    const prior = tinyClassPrior();
    const print = async (options: object) =>
      distilledFingerprint(await d3hr(colourfulDataset(), { prior, ...settings, ...options }));
    const prints = [await print({}), await print({ groups: 1 }), await print({ seed: 1 })];
    expect(new Set(prints).size).toBe(3);
    expect(await print({})).toBe(prints[0]);
  });

  it('takes Gaussians that are known, and asks nothing more of the images', async () => {
    const [dataset, prior] = [smallDataset(), tinyPrior()];
    const way = { prior, steps: settings.steps, back: settings.back };
    const gaussians = [];
    for (const label of dataset.classes.keys()) gaussians.push(await classGaussian(dataset, { ...way, label }));
    const asked: number[] = [];
    const image = (position: number) => {
      asked.push(position);
      return dataset.image(position);
    };
    const known = await d3hr({ ...dataset, image }, { prior, ...settings, seed: 3, gaussians });
    expect(asked).toEqual([]);
    expect(distilledFingerprint(known)).toBe(
      distilledFingerprint(await d3hr(dataset, { prior, ...settings, seed: 3 })),
    );
  });

  it('keeps no tensor, and says what it lacks', async () => {
    const prior = tinyPrior();
    await d3hr(smallDataset(), { prior, ...settings });
    const before = tf.memory().numTensors;
    await d3hr(smallDataset(), { prior, ...settings });
    expect(tf.memory().numTensors).toBe(before);
    await expect(d3hr(smallDataset({ perClass: 1 }), { prior, ...settings })).rejects.toThrow('2 real images of');
    await expect(d3hr(smallDataset(), { prior, ...settings, back: 3 })).rejects.toThrow("'back' of at most the 2");
  });
});
