import { describe, expect, it } from 'vitest';
import { lossAndGradients, softmaxCrossEntropy, tf } from '../../src/engine';
import { ConvNet, ResNet, ResNet20 } from '../../src/models';
import { expectNear, fillByHash, hashedImages, torchValues } from '../evaluation/torch-values';

const build = ({ name, options }: (typeof torchValues.networks)[number]) =>
  name === 'ConvNet' ? new ConvNet(options) : name === 'ResNet' ? new ResNet(options) : new ResNet20(options);

describe.each(torchValues.networks)('$name $options', (fixture) => {
  const network = build(fixture);
  const names = fillByHash(network);
  const images = hashedImages(4, fixture.size, 1000);

  it('has the names of the PyTorch network', () => {
    expect(names).toEqual(fixture.names);
  });

  it('gives its logits in evaluation mode', () => {
    expectNear(network.eval().forward(images).dataSync(), fixture.evaluated);
  });

  it('gives its logits, gradients and running statistics in training mode', () => {
    network.train();
    const labels = tf.tensor1d([0, 1, 2, 3], 'int32');
    const { gradients } = lossAndGradients(network.variables(), () => {
      const logits = network.forward(images);
      expectNear(logits.dataSync(), fixture.trained);
      return softmaxCrossEntropy(logits, labels);
    });
    const norms = names.filter((name) => gradients[name]).map((name) => gradients[name]!.norm().dataSync()[0]!);
    expectNear(norms, fixture.gradientNorms, 5e-4);
    const running = names.filter((name) => name.includes('running'));
    const sums = running.map((name) => network.parameters().get(name)!.value.sum().dataSync()[0]!);
    if (running.length > 0) expectNear(sums, fixture.runningSums);
  });
});

it('draws the same weights from the same seed, and others from another', () => {
  const first = (seed: number) =>
    new ConvNet({ classes: 10, size: 32, depth: 3 }, { seed })
      .parameters()
      .get('classifier.weight')!
      .value.dataSync()[0];
  expect(first(1)).toBe(first(1));
  expect(first(1)).not.toBe(first(2));
});

it('names a depth that does not fit the image', () => {
  expect(() => new ConvNet({ classes: 10, size: 32, depth: 6 })).toThrow(
    /Expected a depth whose 2\^depth divides the image side 32, got 6/,
  );
});
