/** Latents of training images for the text-conditional denoiser: encoded once, scaled to unit variance. */
import { breathe, tf } from '../../engine';
import type { AutoencoderKL } from '../../models';
import type { LatentStack } from './denoiser';
import { type ImageStack, imageBatch } from './images';

/** Latents of all images times `scale`: 1 / the standard deviation of their means, as the noise schedule expects. */
export async function encodeLatents(
  vae: AutoencoderKL,
  images: ImageStack,
  signal: AbortSignal | undefined,
): Promise<LatentStack & { scale: number }> {
  const batch = 64;
  let [mean, deviation] = [new Float32Array(0), new Float32Array(0)];
  let shape: LatentStack['shape'] = [images.count, 0, 0, 0];
  for (let start = 0; start < images.count; start += batch) {
    await breathe(signal);
    const indices = Int32Array.from({ length: Math.min(batch, images.count - start) }, (_, i) => start + i);
    const encoded = tf.tidy(() => {
      const { mean, logVariance } = vae.encode(imageBatch(images, indices));
      return { mean, deviation: tf.exp(tf.mul(logVariance, 0.5)) };
    });
    const [, height, width, channels] = encoded.mean.shape as [number, number, number, number];
    const size = height * width * channels;
    if (start === 0) {
      [mean, deviation] = [new Float32Array(images.count * size), new Float32Array(images.count * size)];
      shape = [images.count, height, width, channels];
    }
    mean.set(await encoded.mean.data<'float32'>(), start * size);
    deviation.set(await encoded.deviation.data<'float32'>(), start * size);
    tf.dispose(encoded);
  }
  const scale = scaleOfLatents(mean);
  return {
    mean: mean.map((v) => v * scale),
    deviation: deviation.map((v) => v * scale),
    shape,
    labels: images.labels,
    scale,
  };
}

/** 1 / the standard deviation of the posteriors' means: what the noise schedule wants latents multiplied by. */
export function scaleOfLatents(mean: Float32Array): number {
  const average = mean.reduce((sum, value) => sum + value, 0) / mean.length;
  const variance = mean.reduce((sum, value) => sum + (value - average) ** 2, 0) / mean.length;
  return 1 / Math.sqrt(variance);
}
