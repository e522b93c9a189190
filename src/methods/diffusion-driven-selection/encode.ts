/** Encodes images to latents, grouped by shape. */
import { groupBy } from '../../common';
import { type ImageDataset, imagesToTensor, type Pixels, resizePixels } from '../../datasets';
import type { LatentDiffusion, Latents } from '../../diffusion';
import { breathe, gaussianNoise, type LongTask, tf } from '../../engine';
import type { ScoreSettings } from './settings';

/** Images of one class, and the dataset they come from. */
export interface ClassImages {
  dataset: ImageDataset;
  label: number;
  /** Their positions in the dataset. */
  images: readonly number[];
}

/** Latents of one shape, and which images they belong to. */
export interface EncodedImages {
  /** Positions in the list of requested images. */
  places: number[];
  /** Content fingerprints. */
  ids: string[];
  latents: Latents;
  /** Size of each image, pixels; its latent covers all of it. */
  sizes: { height: number; width: number }[];
}

/** How images are encoded. */
export type EncodeSettings = Pick<ScoreSettings, 'latent' | 'noiseSeed' | 'encodedSize'>;

/** Images per pass of the autoencoder. */
const BATCH = 32;

/** Latents of a class's images, one entry per shape. */
export async function encodeClass(
  prior: LatentDiffusion,
  { dataset, images }: Pick<ClassImages, 'dataset' | 'images'>,
  { latent, noiseSeed, encodedSize, signal }: EncodeSettings & LongTask,
): Promise<EncodedImages[]> {
  const byShape = new Map<string, { members: Pick<Fitted, 'place' | 'id' | 'size'>[]; parts: Encoded[] }>();
  for (let start = 0; start < images.length; start += BATCH) {
    await breathe(signal);
    const read = images.slice(start, start + BATCH).map(async (image, i): Promise<Fitted> => {
      const pixels = await dataset.image(image);
      const fitted = await fitToLatent(pixels, { encodedSize, cell: prior.vae.downscale });
      const { height, width } = pixels;
      return { place: start + i, id: dataset.id(image), size: { height, width }, pixels: fitted };
    });
    for (const [shape, members] of groupBy(
      await Promise.all(read),
      ({ pixels }) => `${pixels.height} × ${pixels.width}`,
    )) {
      const group = byShape.get(shape) ?? { members: [], parts: [] };
      byShape.set(shape, group);
      group.members.push(...members.map(({ place, id, size }) => ({ place, id, size })));
      group.parts.push(await encode(prior, members, latent === 'sample' ? noiseSeed : undefined));
    }
  }
  return Array.from(byShape.values(), ({ parts, members }) => ({
    places: members.map(({ place }) => place),
    ids: members.map(({ id }) => id),
    latents: joined(parts),
    sizes: members.map(({ size }) => size),
  }));
}

interface Fitted {
  place: number;
  id: string;
  /** Size of the image in its dataset, pixels. */
  size: { height: number; width: number };
  /** The image as the autoencoder's input. */
  pixels: Pixels;
}

/**
 * Resizes an image to a short side of `encodedSize`, with both sides rounded to a multiple of a latent cell. Otherwise
 * the autoencoder would drop the remainder (up to seven pixels), and maps would be misaligned with the image.
 */
function fitToLatent(
  pixels: Pixels,
  { encodedSize, cell }: { encodedSize: number | undefined; cell: number },
): Promise<Pixels> {
  const { height, width } = pixels;
  const short = Math.min(height, width);
  const side = (length: number) => Math.max(1, Math.round(((encodedSize ?? short) * length) / short / cell)) * cell;
  return resizePixels(pixels, side(height), side(width));
}

interface Encoded {
  values: Float32Array;
  shape: readonly [height: number, width: number, channels: number];
}

/** The posterior's mean, or a draw from it if a seed is given. */
async function encode(
  prior: LatentDiffusion,
  images: readonly { id: string; pixels: Pixels }[],
  seed: number | undefined,
): Promise<Encoded> {
  const latents = tf.tidy(() => {
    const pixels = imagesToTensor(
      images.map((image) => image.pixels),
      { range: [-1, 1] },
    );
    const posterior = prior.vae.encode(pixels);
    if (seed === undefined) return prior.vae.scale(posterior.mean);
    const size = posterior.mean.size / images.length;
    const noise = new Float32Array(posterior.mean.size);
    for (const [i, { id }] of images.entries()) {
      noise.set(gaussianNoise({ seed, item: `${id}/latent`, timestep: 0, size }), i * size);
    }
    return prior.vae.scale(prior.vae.sample(posterior, tf.tensor(noise, posterior.mean.shape)));
  });
  const [, height, width, channels] = latents.shape as [number, number, number, number];
  const values = Float32Array.from(await latents.data<'float32'>());
  latents.dispose();
  return { values, shape: [height, width, channels] };
}

function joined(parts: readonly Encoded[]): Latents {
  const values = new Float32Array(parts.reduce((sum, part) => sum + part.values.length, 0));
  let at = 0;
  for (const part of parts) {
    values.set(part.values, at);
    at += part.values.length;
  }
  const [height, width, channels] = parts[0]!.shape;
  return { values, shape: [values.length / (height * width * channels), height, width, channels] };
}
