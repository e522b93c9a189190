import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { imagesToTensor } from '../../../src/datasets';
import {
  Adam,
  cosineRate,
  lossAndGradients,
  RandomStream,
  type Tensor2D,
  tf,
  type Variable,
} from '../../../src/engine';
import { sre2l } from '../../../src/methods';
import { passWithStatistics } from '../../../src/methods/sre2l/batch-statistics';
import { clipToColours, recoveryLoss, rollOf } from '../../../src/methods/sre2l/recover';
import { ConvNet, ResNet } from '../../../src/models';
import { expectNear, fillByHash, hashedImages } from '../../evaluation/torch-values';
import { smallDataset } from '../small-dataset';

const reference = JSON.parse(
  readFileSync(new URL('../../fixtures/methods/sre2l/sre2l.json', import.meta.url), 'utf8'),
) as { loss: number; gradient: number[]; steps: number[] };

const network = new ConvNet({ classes: 3, size: 8, depth: 2, width: 4 });
fillByHash(network);
afterAll(() => network.dispose());
const normalisation = { mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225] } as const;
const observer = { network, normalisation };
const dataset = smallDataset({ classes: ['cup', 'jug', 'pot'] });
const labels = tf.tensor1d([0, 1, 2], 'int32');

describe("SRe2L's loss", () => {
  const at = (images: Variable) =>
    lossAndGradients({ images }, () =>
      recoveryLoss(network, images, labels, { statisticsWeight: 0.5, firstWeight: 10 }),
    );

  it("has PyTorch's value and gradient, and moves images as its Adam does", () => {
    const images = tf.variable(hashedImages(3, 8, 600)) as Variable;
    const { loss, gradients } = at(images);
    expect(loss.dataSync()[0]! / reference.loss).toBeCloseTo(1, 4);
    expectNear(gradients.images!.dataSync(), reference.gradient);
    const optimiser = new Adam({ images }, { learningRate: 0.25, beta1: 0.5, beta2: 0.9 });
    for (let step = 0; step < 3; step++) {
      optimiser.apply(at(images).gradients, cosineRate(0.25, 3)(step));
      clipToColours(images, normalisation);
    }
    expectNear(images.dataSync(), reference.steps, 1e-3);
    optimiser.dispose();
    images.dispose();
  });

  it('sees every batch norm of a network, and refuses one without', () => {
    const options = { classes: 3, stem: 'cifar', width: 2, blocks: [1, 1, 1, 1] } as const;
    const counted = (norm: 'batch' | 'instance'): number => {
      const resnet = new ResNet({ ...options, norm }, { seed: 0 });
      const images = tf.variable(hashedImages(2, 8, 1)) as Variable;
      let count = 0;
      try {
        lossAndGradients({ images }, () => {
          const { distance, norms } = passWithStatistics(resnet, images, { firstWeight: 1 });
          count = norms;
          return distance;
        });
      } finally {
        resnet.dispose();
        images.dispose();
      }
      return count;
    };
    // The stem's, two per block, and one in the shortcut of each stage but the first.
    expect(counted('batch')).toBe(1 + 4 * 2 + 3);
    expect(() => counted('instance')).toThrow(/a network with batch norm/);
  });
});

describe('SRe2L', () => {
  const few = { observer, iterations: 3, statisticsWeight: 0.1 };

  it('recovers images in which the teacher sees more of their class with every step', async () => {
    const settings = { statisticsWeight: 1e-3, crop: 'whole', flip: false, jitter: 0 } as const;
    const probabilities = async (iterations: number) => {
      const { images } = await sre2l(dataset, { observer, imagesPerClass: 1, iterations, ...settings });
      const pixels = images.map((image) => image.pixels);
      const unit = imagesToTensor(pixels, { range: [0, 1] });
      const logits = network.forward(tf.div(tf.sub(unit, [...normalisation.mean]), [...normalisation.deviation]));
      const all = tf.softmax(logits as Tensor2D).dataSync();
      return images.map(({ label }, k) => all[3 * k + label]!);
    };
    const [early, late] = [await probabilities(1), await probabilities(12)];
    for (const [label, probability] of late.entries()) expect(probability).toBeGreaterThan(early[label]!);
  });

  it('rolls images by up to a share of the side, to one side or, as on Tiny-ImageNet, to both', async () => {
    const random = new RandomStream(0, 'rolls');
    const rolls = (jitter: Parameters<typeof rollOf>[0]) =>
      new Set(Array.from({ length: 400 }, () => rollOf(jitter, 64, random)));
    expect([...rolls(1 / 16)].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4]);
    expect([...rolls([-1 / 16, 1 / 16])].sort((a, b) => a - b)).toEqual([-4, -3, -2, -1, 0, 1, 2, 3, 4]);
    const set = await sre2l(dataset, { ...few, imagesPerClass: 1, jitter: [-1, -1], crop: 'whole', flip: false });
    const still = await sre2l(dataset, { ...few, imagesPerClass: 1, jitter: 0, crop: 'whole', flip: false });
    expect(set.images.map(({ pixels }) => pixels)).toEqual(still.images.map(({ pixels }) => pixels)); // a whole turn
    await expect(sre2l(dataset, { ...few, imagesPerClass: 1, jitter: [0.5, 0] })).rejects.toThrow(/settings of SRe2L/);
  });

  it('gives image k of a class whatever the number of images, in batches of classes', async () => {
    const one = await sre2l(dataset, { ...few, imagesPerClass: 1, classBatch: 2 });
    const two = await sre2l(dataset, { ...few, imagesPerClass: 2, classBatch: 2 });
    expect(two.images.map(({ label }) => label)).toEqual([0, 0, 1, 1, 2, 2]);
    expect(two.images.filter((_, k) => k % 2 === 0)).toEqual(one.images);
    expect(one.images[0]!.pixels.data).not.toEqual(two.images[1]!.pixels.data);
  });

  it('stops when told to, and leaves no tensor behind', async () => {
    await sre2l(dataset, { ...few, imagesPerClass: 1, iterations: 1 });
    const before = tf.memory().numTensors;
    const stop = new AbortController();
    const onProgress = ({ done }: { done: number }) => done === 2 && stop.abort();
    const stopped = sre2l(dataset, { ...few, imagesPerClass: 1, signal: stop.signal, onProgress });
    await expect(stopped).rejects.toThrow(/abort/i);
    expect(tf.memory().numTensors).toBe(before);
  });
});
