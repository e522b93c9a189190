/** CLIP's embeddings of patches, the alternative to diffusion features (paper 001, Table 5). */
import { crop, imagesToTensor } from '../../datasets';
import { type LatentDiffusion, unitVector } from '../../diffusion';
import { breathe, type LongTask, tf } from '../../engine';
import type { Candidates } from './candidates';
import type { ClassImages } from './encode';

/** Patches per pass of the image encoder. */
const BATCH = 32;

/**
 * Embeds each candidate with the prior's image encoder, as a vector of unit length.
 * @throws when the prior has no image encoder
 */
export async function clipFeatures(
  prior: LatentDiffusion,
  { dataset, images }: Pick<ClassImages, 'dataset' | 'images'>,
  { patches }: Pick<Candidates, 'patches'>,
  { signal, onProgress }: LongTask = {},
): Promise<Float32Array[]> {
  const features: Float32Array[] = [];
  for (let start = 0; start < patches.length; start += BATCH) {
    await breathe(signal);
    const cut = patches.slice(start, start + BATCH).map(async ({ image, box: { top, left, size } }) => {
      return crop(await dataset.image(images[image]!), { top, left, height: size, width: size });
    });
    const pixels = await Promise.all(cut);
    const embeddings = tf.tidy(() => prior.embedImages(imagesToTensor(pixels, { range: [-1, 1] })));
    const [count, channels] = embeddings.shape as [number, number];
    const values = await embeddings.data<'float32'>();
    embeddings.dispose();
    for (let i = 0; i < count; i++) features.push(unitVector(values.slice(i * channels, (i + 1) * channels)));
    onProgress?.({ label: 'CLIP features', done: features.length, total: patches.length });
  }
  return features;
}
