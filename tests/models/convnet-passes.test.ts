import { describe, expect, it } from 'vitest';
import { RandomStream, tf } from '../../src/engine';
import { ConvNet, convNetFeatures, twiceDifferentiableConvNet } from '../../src/models';

const images = tf.tensor(new RandomStream(0, 'images').fillNormal(new Float32Array(3 * 9 * 9 * 3)), [3, 9, 9, 3]);
const close = (a: ArrayLike<number>, b: ArrayLike<number>) => {
  for (let i = 0; i < a.length; i++) expect(a[i]).toBeCloseTo(b[i]!, 4);
  expect(a.length).toBe(b.length);
};

describe.each(['batch', 'instance'] as const)('a ConvNet with %s norm', (norm) => {
  const network = new ConvNet({ classes: 4, size: 9, depth: 2, width: 5, norm }, { seed: 1 });

  it('has features that its classifier makes its logits of', () => {
    const logits = network.classifier.forward(convNetFeatures(network, images));
    close(logits.dataSync(), network.forward(images).dataSync());
  });

  it(norm === 'instance' ? 'gives the same logits where it can be differentiated twice' : 'is refused there', () => {
    if (norm === 'batch')
      expect(() => twiceDifferentiableConvNet(network, images)).toThrow(/instance norm .* got batch/);
    else close(twiceDifferentiableConvNet(network, images).dataSync(), network.forward(images).dataSync());
  });
});
