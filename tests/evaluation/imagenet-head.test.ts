import { describe, expect, it } from 'vitest';
import { tf } from '../../src/engine';
import { buildNetwork, cutToClasses } from '../../src/evaluation';
import { hashedImages } from './torch-values';

const name = 'conv3-w4';
const whole = buildNetwork(name, { classes: 1000, size: 8, seed: 1 });
const state = await whole.stateDict();

describe("a classifier of ImageNet's classes", () => {
  it('is cut to some of them, in their order, by name or WordNet id', () => {
    const classes = ['Samoyed', 'n01440764', 'n02096294_Australian_terrier'];
    const network = buildNetwork(name, { classes: 3, size: 8 });
    network.load(cutToClasses(new Map(state), network, classes));
    const images = hashedImages(2, 8, 5);
    const wanted = tf.gather(whole.eval().forward(images), tf.tensor1d([258, 0, 193], 'int32'), 1);
    expect([...network.eval().forward(images).dataSync()]).toEqual([...wanted.dataSync()]);
  });

  it('is taken whole by a network of as many classes', () => {
    const network = buildNetwork(name, { classes: 1000, size: 8 });
    const source = new Map(state);
    expect(cutToClasses(source, network, new Array<string>(1000).fill('any'))).toBe(source);
  });

  it("is not cut to classes that aren't ImageNet's", () => {
    const network = buildNetwork(name, { classes: 2, size: 8 });
    expect(() => network.load(cutToClasses(state, network, ['Samoyed', 'teacup']))).toThrow(
      /Expected classes of ImageNet, as the weights are of its 1000, got 'teacup'/,
    );
  });
});

it('weights of as many classes as the network stay as they are', () => {
  const network = buildNetwork(name, { classes: 2, size: 8, seed: 2 });
  const source = cutToClasses(new Map([['classifier.bias', { shape: [2], data: Float32Array.of(3, 4) }]]), network, [
    'teacup',
    'lamp',
  ]);
  expect([...source.keys()]).toEqual(['classifier.bias']);
  expect(source.get('classifier.bias')!.data).toEqual(Float32Array.of(3, 4));
  expect(source.get('classifier.weight')).toBeUndefined();
});
