import { describe, expect, it } from 'vitest';
import {
  distilledFingerprint,
  ditSampling,
  fineTunePrior,
  minimaxDiffusion,
  selfAdaptiveMemory,
} from '../../../src/methods';
import { tf } from '../../../src/engine';
import { colourfulDataset } from '../../diffusion/colourful-dataset';
import { tinyClassPrior } from '../../diffusion/tiny-class-prior';

const dataset = colourfulDataset();
const sampling = { steps: 2 } as const;
const fineTuning = { steps: 4, batch: 3, realCapacity: 2, generatedCapacity: 2, emaDecay: null, learningRate: 0.05 };

it('refuses a class without images, and fewer than a batch, before the images are encoded', async () => {
  const prior = tinyClassPrior();
  const broken = {
    ...prior,
    get vae(): never {
      throw new Error('Encoded too early.');
    },
  } as unknown as typeof prior;
  const tune = (images: number[], batch: number) =>
    selfAdaptiveMemory(dataset.subset(images), {
      prior: broken,
      imagesPerClass: 1,
      fineTuning: { ...fineTuning, batch },
    });
  const of = (label: number) => [...dataset.labels.keys()].filter((i) => dataset.labels[i] === label);
  await expect(tune([...of(0), ...of(2)], 1)).rejects.toThrow(
    /at least 1 image of 'green' .* got 0: .*\(ditSampling, DiT\)/,
  );
  await expect(
    tune(
      [0, 1, 2].map((label) => of(label)[0]!),
      4,
    ),
  ).rejects.toThrow(/at least 4 images .* got 3: .*smaller batch/);
});

describe('ditSampling', () => {
  const prior = tinyClassPrior();

  it('draws the images of each class, in label order, at the size asked for', async () => {
    const set = await ditSampling(dataset, { prior, imagesPerClass: 2, ...sampling, size: 8 });
    expect(set.images.map(({ label }) => label)).toEqual([0, 0, 1, 1, 2, 2]);
    expect(set).toMatchObject({ method: 'DiT', factor: 1, size: 8, classes: ['red', 'green', 'blue'] });
    for (const { pixels, sources } of set.images) {
      expect([pixels.height, pixels.width]).toEqual([8, 8]);
      expect(sources).toEqual([]);
    }
  });

  it('begins a larger set with a smaller one, whatever the batch', async () => {
    const few = await ditSampling(dataset, { prior, imagesPerClass: 1, ...sampling, batch: 3 });
    const many = await ditSampling(dataset, { prior, imagesPerClass: 3, ...sampling, batch: 2 });
    const firsts = many.images.filter((_, i) => i % 3 === 0);
    for (const [i, { pixels }] of few.images.entries()) {
      const difference = pixels.data.map((value, k) => Math.abs(value - firsts[i]!.pixels.data[k]!));
      expect(Math.max(...difference)).toBeLessThanOrEqual(1); // a pass of another size may round otherwise
    }
  });

  it('changes with seed, guidance and sampler, and is the same again', async () => {
    const draw = async (options: object) =>
      distilledFingerprint(await ditSampling(dataset, { prior, imagesPerClass: 1, ...sampling, ...options }));
    const prints = await Promise.all(
      [{}, { seed: 1 }, { guidance: 1 }, { guidanceOn: 'all' }, { sampler: 'ddim' }].map(draw),
    );
    expect(new Set(prints).size).toBe(5);
    expect(await draw({})).toBe(prints[0]);
  });

  it('refuses a class that the prior does not know, and settings out of range', async () => {
    const other = { ...dataset, classes: ['red', 'green', 'mauve'] };
    await expect(ditSampling(other, { prior, imagesPerClass: 1 })).rejects.toThrow("got 'mauve'");
    await expect(ditSampling(dataset, { prior, imagesPerClass: 0 })).rejects.toThrow("'imagesPerClass' of 1 or more");
    await expect(ditSampling(dataset, { prior, imagesPerClass: 1, steps: 0 })).rejects.toThrow('steps');
  });
});

describe('selfAdaptiveMemory', () => {
  it('is fine-tuning and sampling of a copy; the prior stays as it is', async () => {
    const prior = tinyClassPrior();
    const plain = await ditSampling(dataset, { prior, imagesPerClass: 1, ...sampling });
    const whole = await selfAdaptiveMemory(dataset, { prior, imagesPerClass: 1, fineTuning, sampling });
    const tuned = await fineTunePrior(dataset, { prior, fineTuning });
    const inSteps = await ditSampling(dataset, { prior: tuned.prior, imagesPerClass: 1, ...sampling });
    expect(distilledFingerprint(whole)).toBe(distilledFingerprint(inSteps));
    expect(distilledFingerprint(whole)).not.toBe(distilledFingerprint(plain));
    expect(whole.method).toBe('self-adaptive memory');
    const after = await ditSampling(dataset, { prior, imagesPerClass: 1, ...sampling });
    expect(distilledFingerprint(after)).toBe(distilledFingerprint(plain));
  });

  it('is Minimax diffusion with queues', async () => {
    const prior = tinyClassPrior();
    const options = { prior, imagesPerClass: 1, fineTuning, sampling };
    const minimax = await minimaxDiffusion(dataset, options);
    const queues = await selfAdaptiveMemory(dataset, { ...options, fineTuning: { ...fineTuning, policy: 'fifo' } });
    expect(distilledFingerprint(minimax)).toBe(distilledFingerprint(queues));
    expect(minimax).toMatchObject({ method: 'Minimax', settings: { fineTuning: { policy: 'fifo', batch: 3 } } });
  });

  it('keeps no tensor', async () => {
    const prior = tinyClassPrior();
    await selfAdaptiveMemory(dataset, { prior, imagesPerClass: 1, fineTuning, sampling });
    const before = tf.memory().numTensors;
    await selfAdaptiveMemory(dataset, { prior, imagesPerClass: 1, fineTuning, sampling });
    expect(tf.memory().numTensors).toBe(before);
  });
});
