/** IDM's parts, loss, gradient and steps against PyTorch's; its queue of networks. */
import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { lossAndGradients, RandomStream, type Tensor, tf, type Variable } from '../../../src/engine';
import { expand, partition } from '../../../src/methods/condensation/expansion';
import { idmLoss } from '../../../src/methods/condensation/idm';
import { LearnedImages } from '../../../src/methods/condensation/learned-images';
import { ModelQueue } from '../../../src/methods/condensation/model-queue';
import { RealImages } from '../../../src/methods/condensation/real-images';
import type { Change } from '../../../src/methods/condensation/siamese';
import { ConvNet } from '../../../src/models';
import { expectNear, fillByHash, hashedImages } from '../../evaluation/torch-values';
import { smallDataset } from '../small-dataset';

const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../fixtures/methods/condensation/${name}.json`, import.meta.url), 'utf8'));
const reference = read('idm') as {
  expanded: number[];
  partitioned: number[];
  accuracy: number;
  classWeight: number;
  loss: { loss: number; gradient: number[]; steps: number[] };
};
const { several: changes } = read('condensation') as { several: Change[] };

const network = new ConvNet({ classes: 3, size: 8, depth: 2, width: 4, norm: 'instance' });
fillByHash(network);
const [real, learned] = [hashedImages(5, 8, 500), hashedImages(3, 8, 501)];
afterAll(() => network.dispose());

describe('images in the pixels of one', () => {
  it("are cut out and enlarged as PyTorch's", () => {
    expectNear(expand(learned, 2).dataSync(), reference.expanded, 1e-5);
    expect(expand(learned, 1).dataSync()).toEqual(learned.dataSync());
  });

  it("are shrunk and joined as PyTorch's", () => {
    const images = hashedImages(8, 8, 502);
    expectNear(partition(images, 2).dataSync(), reference.partitioned, 1e-5);
    expect(partition(images, 1).dataSync()).toEqual(images.dataSync());
  });

  it('need a side that can be divided', () => {
    expect(() => expand(learned, 3)).toThrow(/a multiple of the factor 3, got 8 pixels/);
    expect(() => partition(learned, 3)).toThrow(/a multiple of the factor 3, got 8 pixels/);
  });
});

describe("IDM's loss", () => {
  const { accuracy, classWeight } = reference;
  const loss = (images: Tensor): Tensor =>
    idmLoss({ network, accuracy }, { real, synthetic: expand(images, 2), changes, label: 1, classWeight });

  it("has PyTorch's value and gradient", () => {
    const images = tf.variable(learned) as Variable;
    const found = lossAndGradients({ images }, () => loss(images));
    expect(found.loss.dataSync()[0]! / reference.loss.loss).toBeCloseTo(1, 4);
    expectNear(found.gradients.images!.dataSync(), reference.loss.gradient);
  });

  it("moves images as PyTorch's SGD does", async () => {
    const all = await RealImages.load(smallDataset({ classes: ['cup'] }), { size: 8 });
    const settings = {
      method: 'two steps',
      imagesPerClass: 3,
      initial: 'real',
      values: 'normalised',
      seed: 0,
    } as const;
    const images = new LearnedImages(all, { ...settings, learningRate: 0.2, momentum: 0.5 });
    images.images.assign(hashedImages(3, 8, 501));
    images.step([0], loss);
    images.step([0], loss);
    expectNear(images.images.dataSync(), reference.loss.steps);
    images.dispose();
  });
});

describe('the queue of networks', () => {
  const built: number[] = [];
  const queueOf = (length: number) =>
    new ModelQueue({
      length,
      learningRate: 0.05,
      batch: 4,
      network(n) {
        built.push(n);
        return new ConvNet({ classes: 2, size: 8, depth: 1, width: 2, norm: 'instance' }, { seed: n });
      },
    });

  it('lets the oldest go, and leaves nothing behind', () => {
    const before = tf.memory().numTensors;
    const queue = queueOf(2);
    for (let n = 0; n < 3; n++) queue.push();
    expect(queue.length).toBe(2);
    expect(built).toEqual([0, 1, 2]);
    queue.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('trains some of its networks, which learn to tell the images', async () => {
    const images = await RealImages.load(smallDataset({ perClass: 4 }), { size: 8 });
    const queue = queueOf(1);
    queue.push();
    const random = new RandomStream(0, 'queue');
    expect(queue.choose(random).accuracy).toBe(0);
    await queue.train(images, { networks: 2, steps: 40, random });
    expect(queue.choose(random).accuracy).toBeGreaterThan(0.5);
    queue.dispose();
  });
});
