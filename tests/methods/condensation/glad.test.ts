/** GLaD's loss at latents, its gradient and two steps against PyTorch's; the method whole on tiny images. */
import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { type Tensor, tf } from '../../../src/engine';
import { glad } from '../../../src/methods';
import { featureDistance } from '../../../src/methods/condensation/dm';
import { lossThrough } from '../../../src/methods/condensation/glad';
import { LearnedImages } from '../../../src/methods/condensation/learned-images';
import { normalise, RealImages } from '../../../src/methods/condensation/real-images';
import type { Change } from '../../../src/methods/condensation/siamese';
import { AutoencoderKL, ConvNet } from '../../../src/models';
import { tinyPrior } from '../../diffusion/tiny-prior';
import { expectNear, fillByHash, hashed, hashedImages } from '../../evaluation/torch-values';
import { smallDataset } from '../small-dataset';

const fixture = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../fixtures/methods/condensation/${name}.json`, import.meta.url), 'utf8'));
const expected = fixture('glad') as {
  mean: [number, number, number];
  deviation: [number, number, number];
  images: number[];
  loss: number;
  gradient: number[];
  steps: number[];
};
const { several } = fixture('condensation') as { several: Change[] };

const network = new ConvNet({ classes: 3, size: 8, depth: 2, width: 4, norm: 'instance' });
const vae = new AutoencoderKL({
  block_out_channels: [4, 8],
  down_block_types: ['DownEncoderBlock2D', 'DownEncoderBlock2D'],
  up_block_types: ['UpDecoderBlock2D', 'UpDecoderBlock2D'],
  latent_channels: 2,
  norm_num_groups: 2,
  sample_size: 8,
  scaling_factor: 1.25,
});
for (const module of [network, vae]) fillByHash(module);
const real = hashedImages(5, 8, 500);
const latents = tf.tensor(
  hashed(3 * 4 * 4 * 2, 600).map((value) => 4 * value),
  [3, 4, 4, 2],
);
afterAll(() => {
  for (const module of [network, vae]) module.dispose();
});

const generate = (z: Tensor): Tensor => tf.div(tf.add(vae.decode(vae.unscale(z)), 1), 2);
const lossOf = (images: Tensor): Tensor =>
  featureDistance(network, { real, synthetic: normalise(images, expected), changes: several });

describe("GLaD's loss", () => {
  it("is of PyTorch's images", () => {
    expectNear(generate(latents).dataSync(), expected.images);
  });

  it.each([1, 2, 3, 10])("has PyTorch's value and gradient at the latents, %i images at a time", (batch) => {
    const { loss, gradient } = lossThrough(generate, latents, { batch }, lossOf);
    expect(loss / expected.loss).toBeCloseTo(1, 4);
    expect(gradient.shape).toEqual([3, 4, 4, 2]);
    expectNear(gradient.dataSync(), expected.gradient);
  });

  it("moves latents as PyTorch's SGD does", async () => {
    const all = await RealImages.load(smallDataset({ classes: ['cup'] }), { size: 8 });
    const learned = new LearnedImages(all, {
      method: 'two steps',
      imagesPerClass: 3,
      initial: 'real',
      values: 'unit',
      learningRate: 0.1,
      momentum: 0.5,
      seed: 0,
      // A tensor of its own: SGD writes in place.
      first: () => tf.clone(tf.add(latents, 0)),
    });
    for (let step = 0; step < 2; step++) {
      learned.apply(lossThrough(generate, learned.ofClass(0), { batch: 2 }, lossOf).gradient);
    }
    expectNear(learned.images.dataSync(), expected.steps);
    learned.dispose();
  });

  it('leaves no tensor behind', () => {
    const before = tf.memory().numTensors;
    lossThrough(generate, latents, { batch: 2 }, lossOf).gradient.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('a set of GLaD', () => {
  const dataset = smallDataset({ perClass: 4 });
  const prior = tinyPrior();
  const common = { prior, imagesPerClass: 2, realBatch: 3, network: { depth: 1, width: 2 }, seed: 1 };
  const first = { ...common, steps: 1, learningRate: 1e-9 };
  afterAll(() => prior.dispose());

  it('starts from the autoencoder’s image of real ones, or from noise', async () => {
    const { images } = await glad(dataset, first);
    expect(images.map(({ label }) => label)).toEqual([0, 0, 1, 1]);
    const noise = await glad(dataset, { ...first, initial: 'noise' });
    expect(noise.images).not.toEqual(images);
    expect((await glad(dataset, { ...first, batch: 1 })).images).toEqual(images);
  });

  it('is moved by its learning rate and by its seed', async () => {
    const { images } = await glad(dataset, first);
    expect((await glad(dataset, { ...first, learningRate: 50 })).images).not.toEqual(images);
    expect((await glad(dataset, { ...first, seed: 2 })).images).not.toEqual(images);
  });

  it('says that a size does not fit the autoencoder', async () => {
    await expect(glad(dataset, { ...common, size: 9 })).rejects.toThrow(
      'Expected a size that the autoencoder can divide by 2, got 9',
    );
  });
});
