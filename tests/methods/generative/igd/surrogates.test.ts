import { describe, expect, it } from 'vitest';
import { imagesToTensor } from '../../../../src/datasets';
import { tf } from '../../../../src/engine';
import {
  classBatches,
  openSurrogate,
  realImages,
  trainSurrogates,
} from '../../../../src/methods/generative/igd/surrogates';
import { colourfulDataset } from '../../../diffusion/colourful-dataset';

const options = {
  size: 8,
  epochs: 2,
  depth: 1,
  width: 4,
  batch: 3,
  learningRate: 0.05,
  turn: 1,
  gradientImages: 2,
  seed: 0,
};

describe('trainSurrogates', () => {
  it('keeps the first epoch and each turn of the gradients, and frees the rest', async () => {
    const real = await realImages(colourfulDataset(), 8, {});
    const train = async (turn: number) => {
      const kept = await trainSurrogates(real, 3, { ...options, turn });
      return kept.map((weights) => weights['classifier.weight']!.data.slice(0, 4));
    };
    const every = await train(1);
    expect(every).toHaveLength(2);
    const before = tf.memory().numTensors;
    const one = await train(-1);
    expect(one).toEqual([every[0]]);
    expect(every[1]).not.toEqual(every[0]);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('keeps weights that open as the network that had them', async () => {
    const real = await realImages(colourfulDataset(), 8, {});
    const [first] = await trainSurrogates(real, 3, options);
    const network = openSurrogate(first!, 3, options);
    expect(Object.fromEntries(await network.stateDict())).toEqual(first);
    network.dispose();
    expect(() => openSurrogate(first!, 3, { ...options, width: 8 })).toThrow();
  });

  it('takes the first images of a class', async () => {
    const real = await realImages(colourfulDataset(), 8, {});
    expect(classBatches(real, 1, 2).map(({ shape }) => shape)).toEqual([[2, 8, 8, 3]]);
    const [batch] = classBatches(real, 1, 9);
    expect(batch!.dataSync()).toEqual(imagesToTensor([1, 4, 7].map((i) => real.images[i]!)).dataSync());
  });
});
