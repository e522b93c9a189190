/** Latents of a class's real images, from which modes, prototypes and statistics are computed. */
import type { ImageDataset } from '../../datasets';
import { encodeDataset } from '../../diffusion';
import { gaussianNoise, type LongTask } from '../../engine';
import type { ConditionedPrior } from './conditioned-prior';

export interface ClassLatents {
  /** One vector per image, H·W·C values. */
  vectors: Float32Array[];
  /** Shape of one latent. */
  shape: readonly [height: number, width: number, channels: number];
}

/**
 * Latents of the images' centre squares at the prior's size: draws from the autoencoder's posterior, as all the authors
 * use. An image's draw depends only on the seed and on its content.
 */
export async function classLatents(
  { vae, imageSize }: Pick<ConditionedPrior, 'vae' | 'imageSize'>,
  dataset: ImageDataset,
  positions: readonly number[],
  { seed, signal }: { seed: number } & Pick<LongTask, 'signal'>,
): Promise<ClassLatents> {
  const { mean, deviation, ids, shape } = await encodeDataset(vae, dataset.subset(positions), {
    size: imageSize,
    signal,
  });
  const [, height, width, channels] = shape;
  const size = height * width * channels;
  const vectors = ids.map((id, i) => {
    const noise = gaussianNoise({ seed, item: `${id}/latent`, timestep: 0, size });
    return noise.map((value, j) => mean[i * size + j]! + deviation[i * size + j]! * value);
  });
  return { vectors, shape: [height, width, channels] };
}
