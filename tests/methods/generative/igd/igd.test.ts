import { describe, expect, it } from 'vitest';
import { distilledFingerprint, igd, igdSurrogates } from '../../../../src/methods';
import { drawLatents } from '../../../../src/methods/generative/draw-latents';
import { drawInTurn } from '../../../../src/methods/generative/igd/igd';
import { tf } from '../../../../src/engine';
import { colourfulDataset } from '../../../diffusion/colourful-dataset';
import { tinyClassPrior } from '../../../diffusion/tiny-class-prior';
import { checkpoints, label, prior } from './fixture';

describe('drawInTurn', () => {
  const options = {
    className: 'jug',
    label,
    checkpoints,
    count: 2,
    influence: 5,
    deviation: 120,
    guidedSteps: [1, 2] as const,
    memory: 1,
    guidance: 4,
    steps: 4,
    seed: 0,
    signal: undefined,
  };
  const draw = async (changes: object) => (await drawInTurn(prior, { ...options, ...changes })).dataSync();
  const plainly = async () => {
    const ddpm = { sampler: 'ddpm', spacing: 'linspace', guidance: 4, steps: 4 } as const;
    return (await drawLatents(prior, { className: 'jug', count: 2, seed: 0, batch: 1, ...ddpm })).dataSync();
  };

  it('is plain sampling bit for bit without strengths, or where no step is guided', async () => {
    const plain = await plainly();
    expect(await draw({ influence: 0, deviation: 0 })).toEqual(plain);
    expect(await draw({ guidedSteps: [7, 9] })).toEqual(plain);
    expect(await draw({})).not.toEqual(plain);
  });

  it('leads the first image by influence alone, since nothing came before it', async () => {
    const apart = await draw({ influence: 0 });
    const plain = await plainly();
    expect(apart.slice(0, 16)).toEqual(plain.slice(0, 16));
    expect(apart.slice(16)).not.toEqual(plain.slice(16));
  });
});

describe('igd', () => {
  it('trains its surrogate, gives images of each class, is the same again, and keeps no tensor', async () => {
    const prior = tinyClassPrior();
    const surrogate = { epochs: 1, depth: 1, width: 4, batch: 8 };
    const options = { prior, imagesPerClass: 1, steps: 2, guidedSteps: [0, 1], surrogate } as const;
    const set = await igd(colourfulDataset(), options);
    expect(set.images.map(({ label }) => label)).toEqual([0, 1, 2]);
    expect(set).toMatchObject({
      method: 'IGD',
      size: 16,
      settings: { influence: 5, surrogate: { epochs: 1, turn: 0.7 } },
    });
    const before = tf.memory().numTensors;
    expect(distilledFingerprint(await igd(colourfulDataset(), options))).toBe(distilledFingerprint(set));
    expect(tf.memory().numTensors).toBe(before);
  });

  it('is the same set with surrogates that were trained before, whatever the seed of the set', async () => {
    const prior = tinyClassPrior();
    const surrogate = { epochs: 1, depth: 1, width: 4, batch: 8 };
    const options = { prior, imagesPerClass: 1, steps: 2, guidedSteps: [0, 1], surrogate, seed: 1 } as const;
    const surrogates = await igdSurrogates(colourfulDataset(), { prior, ...surrogate });
    const shared = distilledFingerprint(await igd(colourfulDataset(), { ...options, surrogates }));
    expect(shared).toBe(distilledFingerprint(await igd(colourfulDataset(), options)));
    expect(shared).not.toBe(distilledFingerprint(await igd(colourfulDataset(), { ...options, surrogates, seed: 2 })));
  });

  it('refuses a class that the prior does not know before it trains anything', async () => {
    const prior = tinyClassPrior();
    const { classes } = colourfulDataset();
    const strange = { ...colourfulDataset(), classes: ['zeppelin', ...classes.slice(1)] };
    const onProgress = () => expect.unreachable('something was trained');
    await expect(igd(strange as never, { prior, imagesPerClass: 1, onProgress })).rejects.toThrow(/zeppelin/);
    await expect(igdSurrogates(strange as never, { prior, onProgress })).rejects.toThrow(/zeppelin/);
  });
});
