import { describe, expect, it } from 'vitest';
import { stillLife } from '../../src/datasets';
import { tf } from '../../src/engine';
import {
  buildNetwork,
  featureEvidence,
  imageNetNormalisation,
  loadLabelled,
  type NetworkName,
  penultimateFeatures,
} from '../../src/evaluation';
import { randomSelection } from '../../src/methods';

const size = 16;
const world = stillLife({ split: 'train', perClass: 4, size });
const teacherOf = (name: NetworkName) => {
  const network = buildNetwork(name, { classes: world.classes.length, size, seed: 0, role: 'teacher' });
  return { network, classes: world.classes, size, normalisation: imageNetNormalisation };
};

describe('penultimateFeatures', () => {
  it.each(['conv3-w8', 'resnet10-modified-w8', 'resnetap10-w8'] as const)(
    'gives what the last layer of %s makes its logits of, in any batch',
    async (name) => {
      const { network } = teacherOf(name);
      const images = await loadLabelled(world.subset([0, 5, 9, 17, 30]), { size });
      // The first passes keep constants, one per shape.
      await penultimateFeatures(network, images, { batch: 2 });
      const before = tf.memory().numTensors;
      const features = await penultimateFeatures(network, images, { batch: 2 });
      expect(tf.memory().numTensors).toBe(before);
      const head = (network as unknown as Record<string, { forward(x: unknown): { arraySync(): number[][] } }>)[
        name.startsWith('conv') ? 'classifier' : 'fc'
      ]!;
      const logits = head.forward(tf.tensor2d(features.map((row) => Array.from(row)))).arraySync();
      const whole = network.forward(images.take([0, 1, 2, 3, 4])).arraySync() as number[][];
      for (const [i, row] of logits.entries()) {
        for (const [j, value] of row.entries()) expect(value).toBeCloseTo(whole[i]![j]!, 4);
      }
    },
  );

  it('names a network whose last layer it does not know', async () => {
    const images = await loadLabelled(world.subset([0]), { size });
    class Odd {
      eval() {}
    }
    await expect(penultimateFeatures(new Odd() as never, images)).rejects.toThrow(/ConvNet, ResNet or ResNetAP.*Odd/);
  });
});

describe('featureEvidence', () => {
  const teacher = teacherOf('conv3-w8');

  it('finds whole real images to be copies, and covers a class by all of them', async () => {
    const all = await randomSelection(world, { imagesPerClass: 4, seed: 0 });
    const rows = await featureEvidence(all, world, { teacher, k: 2 });
    expect(rows.map(({ class: name }) => name)).toEqual(world.classes);
    for (const row of rows) {
      expect(row).toMatchObject({ images: 4, real: 4, precision: 1, recall: 1, coverage: 1, copies: 4, nearest: 0 });
    }
  });

  it('takes a single image of a class, which has no recall, and others of the world for no copies', async () => {
    const others = stillLife({ split: 'test', perClass: 1, size });
    const rows = await featureEvidence(await randomSelection(others, { imagesPerClass: 1, seed: 0 }), world, {
      teacher,
      k: 2,
      copyShare: 0,
    });
    expect(rows.map(({ recall }) => recall)).toEqual(world.classes.map(() => null));
    expect(rows.map(({ copies }) => copies)).toEqual(world.classes.map(() => 0));
    expect(Math.min(...rows.map(({ nearest }) => nearest))).toBeGreaterThan(0);
  });

  it('refuses other classes and classes with too few images, naming them', async () => {
    const set = await randomSelection(world, { imagesPerClass: 1, seed: 0 });
    const swapped = { ...teacher, classes: [...world.classes].reverse() };
    await expect(featureEvidence(set, world, { teacher: swapped })).rejects.toThrow(/teacher's classes .* class 0 is/);
    await expect(featureEvidence(set, world, { teacher, k: 4 })).rejects.toThrow(/5 real images of 'cup'.*got 1 and 4/);
    const without = { ...set, images: set.images.filter(({ label }) => label !== 2) };
    await expect(featureEvidence(without, world, { teacher, k: 2 })).rejects.toThrow(/1 distilled .* 'vase'.*got 0/);
  });
});
