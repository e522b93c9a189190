import { describe, expect, it } from 'vitest';
import { lossAndGradients, softmaxCrossEntropy, tf } from '../../src/engine';
import { ConvNet, ResNet, ResNet20, ResNetAP } from '../../src/models';
import { expectNear, fillByHash, hashedImages, torchValues } from '../evaluation/torch-values';

const makers = { ConvNet, ResNet, ResNet20, ResNetAP };
const build = ({ name, options }: (typeof torchValues.networks)[number]) => new makers[name](options);

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

describe('initial weights', () => {
  const first = (initial: { seed: number; role?: string }) =>
    new ConvNet({ classes: 10, size: 32, depth: 3 }, initial)
      .parameters()
      .get('classifier.weight')!
      .value.dataSync()[0];

  it('are the same from the same seed and role, and others from another', () => {
    expect(first({ seed: 1 })).toBe(first({ seed: 1 }));
    expect(first({ seed: 1 })).not.toBe(first({ seed: 2 }));
    expect(first({ seed: 1, role: 'teacher' })).not.toBe(first({ seed: 1, role: 'student' }));
  });

  it("of a ResNet's convolutions have the fan-out's variance, as torchvision's", () => {
    const network = new ResNet({ classes: 10, stem: 'cifar', blocks: [1, 1, 1, 1] }, { seed: 3 });
    for (const name of ['layer1.0.conv1.weight', 'layer4.0.conv1.weight', 'layer2.0.downsample.0.weight']) {
      const { shape, value } = network.parameters().get(name)!;
      const [out, , kernel] = shape as [number, number, number];
      const share = tf.moments(value).variance.dataSync()[0]! / (2 / (out * kernel ** 2));
      expect(share).toBeGreaterThan(0.95);
      expect(share).toBeLessThan(1.05);
    }
  });
});

it('names a depth that does not fit the image', () => {
  expect(() => new ConvNet({ classes: 10, size: 32, depth: 6 })).toThrow(
    /Expected a depth whose 2\^depth is at most the image side, 32 pixels, got 6/,
  );
});
