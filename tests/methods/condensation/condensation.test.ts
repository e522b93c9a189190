/** Augmentations, losses, their gradients and two steps against PyTorch's. */
import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { lossAndGradients, type Tensor, tf, type Variable } from '../../../src/engine';
import { featureDistance } from '../../../src/methods/condensation/dm';
import {
  gradientDistance,
  type GradientDistance,
  type MatchOptions,
  weightGradients,
} from '../../../src/methods/condensation/gradient-distance';
import { LearnedImages } from '../../../src/methods/condensation/learned-images';
import { RealImages } from '../../../src/methods/condensation/real-images';
import { applyChanges, type Change } from '../../../src/methods/condensation/siamese';
import { ConvNet } from '../../../src/models';
import { expectNear, fillByHash, hashedImages } from '../../evaluation/torch-values';
import { smallDataset } from '../small-dataset';

interface Measured {
  loss: number;
  gradient: number[];
  /** Images after two steps of SGD. */
  steps?: number[];
}
interface Reference {
  changed: { name: string; changes: Change[]; values: number[] }[];
  several: Change[];
  features: Required<Measured>;
  gradients: (Measured & { distance: GradientDistance; layers: MatchOptions['layers'] })[];
}
const { changed, several, features, gradients } = JSON.parse(
  readFileSync(new URL('../../fixtures/methods/condensation/condensation.json', import.meta.url), 'utf8'),
) as Reference;

const network = new ConvNet({ classes: 3, size: 8, depth: 2, width: 4, norm: 'instance' });
fillByHash(network);
const [real, learned] = [hashedImages(5, 8, 500), hashedImages(3, 8, 501)];
afterAll(() => network.dispose());

/** Loss and gradient at the learned images. */
function measure(loss: (images: Tensor) => Tensor): Measured {
  const images = tf.variable(learned) as Variable;
  const found = lossAndGradients({ images }, () => loss(images));
  images.dispose();
  return { loss: found.loss.dataSync()[0]!, gradient: Array.from(found.gradients.images!.dataSync()) };
}

/** Images after two steps on a loss of one class. */
async function twoSteps(learningRate: number, loss: (images: Tensor) => Tensor): Promise<Float32Array> {
  const all = await RealImages.load(smallDataset({ classes: ['cup'] }), { size: 8 });
  const images = new LearnedImages(all, {
    method: 'two steps',
    imagesPerClass: 3,
    initial: 'real',
    values: 'normalised',
    learningRate,
    momentum: 0.5,
    seed: 0,
  });
  // Tensors of their own: SGD writes in place.
  images.images.assign(hashedImages(3, 8, 501));
  images.step([0], loss);
  images.step([0], loss);
  const values = images.images.dataSync<'float32'>();
  images.dispose();
  return values;
}

describe('augmentation', () => {
  it.each(changed.map((one) => [one.name, one] as const))("by %s is PyTorch's", (_, { changes, values }) => {
    expectNear(applyChanges(learned, changes).dataSync(), values, 1e-5);
  });

  it('is refused with maps for another number of images', () => {
    const { changes } = changed.find(({ name }) => name === 'flip of each')!;
    expect(() => applyChanges(real, changes)).toThrow(/one affine map, or one for each of 5 images, got 3/);
  });
});

describe("DM's loss", () => {
  const loss = (synthetic: Tensor): Tensor => featureDistance(network, { real, synthetic, changes: several });

  it("has PyTorch's value and gradient", () => {
    const found = measure(loss);
    expect(found.loss / features.loss).toBeCloseTo(1, 4);
    expectNear(found.gradient, features.gradient);
  });

  it("moves images as PyTorch's SGD does", async () => {
    expectNear(await twoSteps(0.5, loss), features.steps);
  });
});

describe.each(gradients)('matching of gradients, $distance, $layers', ({ distance, layers, ...expected }) => {
  const match = { label: 1, classes: 3, distance, layers } as const;
  const wanted = weightGradients(network, applyChanges(real, several), match);
  const loss = (images: Tensor): Tensor =>
    gradientDistance(network, applyChanges(images, several), { ...match, wanted });

  it("has PyTorch's value and gradient, through second derivatives", () => {
    const found = measure(loss);
    expect(found.loss / expected.loss).toBeCloseTo(1, 3);
    expectNear(found.gradient, expected.gradient, 1e-3);
  });

  const { steps } = expected;
  if (steps)
    it("moves images as PyTorch's SGD does", async () => {
      expectNear(await twoSteps(0.1, loss), steps, 1e-3);
    });
});
