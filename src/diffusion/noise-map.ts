/** Differential noise maps: losses averaged over a timestep range and brought to the image's size (paper 001, eq. 6–7). */
import { resizeBilinear, tf } from '../engine';
import type { DifferentialLosses } from './noise-loss';

export interface NoiseMapOptions {
  /** Size of the image, pixels. */
  height: number;
  width: number;
  /** Timesteps to average over; default all that the losses hold. */
  timesteps?: readonly number[];
}

/** One map over the pixels of an image, row-major. */
export interface NoiseMap {
  values: Float32Array;
  height: number;
  width: number;
}

/**
 * The maps M of equation 7: the mean of the stored loss differences over `timesteps`, bilinearly upsampled
 * (half-pixel centres) from the latent to the image.
 * @throws when a timestep was not computed, naming those that were.
 */
export function noiseMaps(losses: DifferentialLosses, options: NoiseMapOptions): NoiseMap[] {
  const { height, width, timesteps = losses.timesteps } = options;
  const [count, steps, latentHeight, latentWidth] = losses.shape;
  const wanted = timesteps.map((timestep) => {
    const index = losses.timesteps.indexOf(timestep);
    if (index < 0) throw new Error(`Expected a timestep among ${losses.timesteps.join(', ')}, got ${timestep}.`);
    return index;
  });
  const positions = latentHeight * latentWidth;
  const means = new Float32Array(count * positions);
  for (let image = 0; image < count; image++) {
    for (let position = 0; position < positions; position++) {
      let sum = 0;
      for (const step of wanted) sum += losses.values[(image * steps + step) * positions + position]!;
      means[image * positions + position] = sum / wanted.length;
    }
  }
  const upsampled = tf.tidy(
    () =>
      resizeBilinear(tf.tensor(means, [count, latentHeight, latentWidth, 1]), [
        height,
        width,
      ]).dataSync() as Float32Array,
  );
  return Array.from({ length: count }, (_, i) => ({
    values: upsampled.slice(i * height * width, (i + 1) * height * width),
    height,
    width,
  }));
}
