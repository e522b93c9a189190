/** Modes of a class: centres of its latents by k-means, one per distilled image. */
import { kmeans } from 'ml-kmeans';
import { type Tensor, tf } from '../../engine';
import type { ClassLatents } from './class-latents';

export interface ModeOptions {
  /** Number of modes. */
  count: number;
  /** Seed of the k-means++ initialisation. */
  seed: number;
  /** Use the latent nearest to each centre, which is a real image's, instead of the centre. Default false. */
  nearest?: boolean;
}

/**
 * `count` centres of Euclidean k-means (Lloyd's iterations from a k-means++ start).
 * @returns [count,H,W,C], the caller's to dispose
 * @throws when there are fewer latents than centres
 */
export function latentModes({ vectors, shape }: ClassLatents, { count, seed, nearest = false }: ModeOptions): Tensor {
  if (vectors.length < count)
    throw new Error(`Expected at least ${count} latents for ${count} modes, got ${vectors.length}.`);
  const data = vectors.map((vector) => Array.from(vector));
  const { centroids } = kmeans(data, count, { seed, initialization: 'kmeans++', maxIterations: 300 });
  const modes = nearest ? centroids.map((centre) => nearestOf(data, centre)) : centroids;
  return tf.tensor(modes.flat(), [count, ...shape]);
}

function nearestOf(data: readonly number[][], centre: readonly number[]): number[] {
  const distances = data.map((vector) => vector.reduce((sum, value, i) => sum + (value - centre[i]!) ** 2, 0));
  return data[distances.indexOf(Math.min(...distances))]!;
}
