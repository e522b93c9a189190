import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import type { ImageDataset } from '../../../src/datasets';
import { type Tensor, tf } from '../../../src/engine';
import { grandSelection, herdingSelection, kCenterSelection } from '../../../src/methods';
import { gradientNorms, lastLayerNorms } from '../../../src/methods/coresets/grand';
import { closestMeans } from '../../../src/methods/coresets/herding';
import { farthestFirst } from '../../../src/methods/coresets/k-center';
import { askNetwork } from '../../../src/methods/coresets/network-features';
import { ConvNet, Module, type StoredTensor } from '../../../src/models';
import { smallDataset } from '../small-dataset';

interface Reference {
  points: number[][];
  kCenter: { first: number; order: number[] };
  herding: number[];
  grand: {
    state: Record<string, { shape: number[]; data: number[] }>;
    images: number[];
    label: number;
    all: number[];
    lastLayer: number[];
  };
}
const reference = JSON.parse(
  readFileSync(new URL('../../fixtures/methods/coresets/coresets.json', import.meta.url), 'utf8'),
) as Reference;
const points = reference.points.map((row) => Float32Array.from(row));

const network = new ConvNet({ classes: 3, size: 8, depth: 2, width: 4 }, { seed: 0 });
afterAll(() => network.dispose());
const observer = { network, normalisation: { mean: [0.5, 0.5, 0.5], deviation: [0.25, 0.25, 0.25] } } as const;
const dataset = smallDataset({ classes: ['cup', 'jug', 'pot'] });
const unused = {
  ...observer,
  get network(): never {
    throw new Error('Asked too early.');
  },
};

describe('k-center', () => {
  const { first, order } = reference.kCenter;

  it('chooses what a search over all distances chooses', () => {
    expect(farthestFirst(points, { first, count: 10 })).toEqual(order);
  });

  it('takes each image once, copies last', () => {
    const [a, b] = [Float32Array.of(0), Float32Array.of(1)];
    expect(farthestFirst([a, a, b, b], { first: 1, count: 4 })).toEqual([1, 2, 0, 3]);
  });

  it('starts a set with a smaller one of the same seed', async () => {
    const of = (imagesPerClass: number) => kCenterSelection(dataset, { observer, imagesPerClass, seed: 3 });
    const [small, large] = [await of(2), await of(4)];
    for (const label of [0, 1, 2]) {
      const sources = ({ images }: typeof small) =>
        images.filter((image) => image.label === label).map((image) => image.sources[0]!.image);
      expect(sources(large).slice(0, 2)).toEqual(sources(small));
      expect(new Set(sources(large)).size).toBe(4);
    }
    expect(small).toMatchObject({ method: 'k-center', factor: 1, size: 8, settings: { seed: 3 } });
  });
});

it.each([
  ['k-center', (data: ImageDataset) => kCenterSelection(data, { observer: unused, imagesPerClass: 5 })],
  ['herding', (data: ImageDataset) => herdingSelection(data, { observer: unused, imagesPerClass: 5 })],
  ['GraNd', (data: ImageDataset) => grandSelection(data, { observers: [unused], imagesPerClass: 5 })],
])('%s refuses a class with too few images before a network is asked', async (_name, select) => {
  // The last class lacks one.
  const short = dataset.subset([...dataset.labels.keys()].filter((i) => dataset.labels[i] !== 2 || i < 12));
  await expect(select(short)).rejects.toThrow(/at least 5 images of 'pot' .* got 4: add images/);
});

describe('herding', () => {
  it('chooses what a search over all means chooses', () => {
    expect(closestMeans(points, 10)).toEqual(reference.herding);
  });

  it('shows the network images as they stand in the set, whatever their shape', async () => {
    const wide = smallDataset({ long: 12, classes: ['cup', 'jug', 'pot'] });
    const { images, size } = await herdingSelection(wide, { observer, imagesPerClass: 2, size: 8 });
    expect([images.length, size]).toEqual([6, 8]);
    for (const { pixels, sources } of images) {
      expect(pixels).toMatchObject({ height: 8, width: 8 });
      expect(sources[0]!.box.size).toBe(8);
    }
  });
});

describe('GraNd', () => {
  const { state, images: values, label, all, lastLayer } = reference.grand;
  const loaded = new ConvNet({ classes: 3, size: 8, depth: 2, width: 4 });
  loaded.load(
    new Map<string, StoredTensor>(
      Object.entries(state).map(([name, { shape, data }]) => [name, { shape, data: Float32Array.from(data) }]),
    ),
  );
  const images = tf.tensor(values, [4, 8, 8, 3]);
  afterAll(() => loaded.dispose());

  it("has PyTorch's norms of each image's gradient, over all weights and over the last layer's", () => {
    const expectNear = (norms: number[], expected: number[]) => {
      for (const [k, norm] of norms.entries()) expect(norm / expected[k]!).toBeCloseTo(1, 4);
      expect(norms.length).toBe(4);
    };
    expectNear(gradientNorms(loaded, images, label), all);
    expectNear(lastLayerNorms(loaded, images, label), lastLayer);
  });

  it('takes the images with the largest, averaged over the networks', async () => {
    const other = new ConvNet({ classes: 3, size: 8, depth: 2, width: 4 }, { seed: 1 });
    const set = await grandSelection(dataset, {
      observers: [observer, { ...observer, network: other }],
      imagesPerClass: 6,
      weights: 'last layer',
    });
    other.dispose();
    const scores = set.images.slice(0, 6).map(({ sources }) => sources[0]!.score!);
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
    const alone = await grandSelection(dataset, { observers: [observer], imagesPerClass: 1, weights: 'last layer' });
    expect(alone.images.map(({ sources }) => sources[0]!.score)).not.toContain(scores[0]);
    await expect(grandSelection(dataset, { observers: [], imagesPerClass: 1 })).rejects.toThrow(
      /at least one observer/,
    );
  });
});

describe("a network's features", () => {
  it('are refused where there is no last layer to look at, and leave no tensor behind', () => {
    class Mean extends Module {
      forward(images: Tensor): Tensor {
        return tf.mean(images, [1, 2]);
      }
    }
    const images = tf.zeros([2, 8, 8, 3]);
    // Once before, for constants that are kept.
    askNetwork(network, images);
    const before = tf.memory().numTensors;
    expect(() => askNetwork(new Mean(), images)).toThrow(/ends in a linear layer .* found none/);
    expect(askNetwork(network, images).features.map(({ length }) => length)).toEqual([16, 16]);
    expect(tf.memory().numTensors).toBe(before);
  });
});
