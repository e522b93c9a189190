import { describe, expect, it } from 'vitest';
import { imagesToTensor } from '../../src/datasets';
import { encodeDataset, latentBatch } from '../../src/diffusion';
import { RandomStream, tf } from '../../src/engine';
import { relativeError } from '../models/fixture';
import { colourfulDataset } from './colourful-dataset';
import { tinyClassPrior } from './tiny-class-prior';

const { vae, schedule } = tinyClassPrior();
const dataset = colourfulDataset();

describe('encodeDataset', () => {
  it('gives the posteriors of images and mirrored images, scaled, in the order of the dataset', async () => {
    const latents = await encodeDataset(vae, dataset, { mirror: true, batch: 4 });
    expect(latents.shape).toEqual([9, 4, 4, 4]);
    expect(latents.ids).toEqual(Array.from({ length: 9 }, (_, i) => dataset.id(i)));
    const images = imagesToTensor(await Promise.all([...latents.ids.keys()].map((i) => dataset.image(i))));
    const whole = vae.encode(images);
    expect(relativeError(latents.mean, tf.mul(whole.mean, 1.25).dataSync())).toBeLessThan(1e-4);
    const deviation = tf.mul(tf.exp(tf.mul(whole.logVariance, 0.5)), 1.25);
    expect(relativeError(latents.deviation, deviation.dataSync())).toBeLessThan(1e-4);
    const mirrored = tf.mul(vae.encode(tf.reverse(images, 2)).mean, 1.25);
    expect(relativeError(latents.mirrored!.mean, mirrored.dataSync())).toBeLessThan(1e-4);
  });

  it('brings images to the size asked for', async () => {
    const { shape } = await encodeDataset(vae, dataset, { size: 32 });
    expect(shape).toEqual([9, 8, 8, 4]);
  });

  it('refuses a dataset without images', async () => {
    await expect(encodeDataset(vae, dataset.subset([]))).rejects.toThrow('at least one image');
  });
});

describe('latentBatch', () => {
  it('draws from the posterior, drops the share of labels that is asked for, and keeps the labels', async () => {
    const latents = await encodeDataset(vae, dataset, { mirror: false });
    const indices = Int32Array.from({ length: 400 }, (_, i) => i % 9);
    const batch = latentBatch(latents, indices, new RandomStream(2), {
      schedule,
      classOf: (label) => 10 + label,
      nullClass: 99,
      classDropout: 0.25,
    });
    const classes = [...batch.condition.dataSync()];
    const dropped = classes.filter((one) => one === 99).length;
    expect(Math.abs(dropped - 100)).toBeLessThan(35); // standard deviation 8.7
    for (const [i, label] of batch.labels.entries()) {
      expect(label).toBe(dataset.labels[indices[i]!]);
      expect([10 + label, 99]).toContain(classes[i]);
    }
    expect(Math.min(...batch.timesteps)).toBeLessThan(50);
    expect(Math.max(...batch.timesteps)).toBeGreaterThan(950);
    // The draws of one image are around its mean, by its deviation.
    const values = tf.unstack(tf.reshape(batch.clean, [400, 64])).filter((_, i) => i % 9 === 0);
    const { mean, variance } = tf.moments(tf.stack(values), 0);
    for (const i of [0, 17, 63]) {
      const deviation = latents.deviation[i]!;
      expect(Math.abs(mean.dataSync()[i]! - latents.mean[i]!)).toBeLessThan(0.6 * deviation); // 45 draws: 0.15
      expect(Math.sqrt(variance.dataSync()[i]!) / deviation).toBeCloseTo(1, -0.1);
    }
  });

  it('mirrors half of the images, where mirrored ones are there', async () => {
    const latents = await encodeDataset(vae, dataset, { mirror: true });
    const exact = (posterior: { mean: Float32Array; deviation: Float32Array }) => {
      return { mean: posterior.mean, deviation: new Float32Array(posterior.deviation.length) };
    };
    const sharp = { ...latents, ...exact(latents), mirrored: exact(latents.mirrored!) };
    const indices = new Int32Array(200);
    const options = { schedule, nullClass: 3, classDropout: 0 };
    const { clean } = latentBatch(sharp, indices, new RandomStream(4), options);
    const firsts = tf.slice(clean, [0, 0, 0, 0], [-1, 1, 1, 1]).dataSync();
    const plain = firsts.filter((value) => value === Math.fround(latents.mean[0]!)).length;
    expect(Math.abs(plain - 100)).toBeLessThan(30); // standard deviation 7
    const other = firsts.find((value) => value !== latents.mean[0]);
    expect(other).toBe(latents.mirrored!.mean[0]);
  });
});
