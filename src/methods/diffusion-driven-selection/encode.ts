/** Images as latents, those of one size together. */
import { type ImageDataset, imagesToTensor, type Pixels } from '../../datasets';
import type { LatentDiffusion, Latents } from '../../diffusion';
import { breathe, gaussianNoise, type LongTask, tf } from '../../engine';
import type { ScoreSettings } from './settings';

/** The images of one class, in the dataset they come from. */
export interface ClassImages {
  dataset: ImageDataset;
  label: number;
  /** Their positions in the dataset. */
  images: readonly number[];
}

/** Latents of equally large images, with what is needed to tell them apart. */
export interface EncodedImages {
  /** Places in the list of images that was asked for. */
  places: number[];
  /** Content fingerprints. */
  ids: string[];
  latents: Latents;
  /** Size of the images, pixels. */
  height: number;
  width: number;
}

/** Images in a pass of the autoencoder. */
const BATCH = 32;

/** Latents of a class's images, one entry per image size (open the dataset at 256 pixels or more for Stable Diffusion). */
export async function encodeClass(
  prior: LatentDiffusion,
  { dataset, images }: Pick<ClassImages, 'dataset' | 'images'>,
  { latent, noiseSeed, signal }: Pick<ScoreSettings, 'latent' | 'noiseSeed'> & LongTask,
): Promise<EncodedImages[]> {
  const bySize = new Map<string, { places: number[]; parts: Encoded[]; height: number; width: number }>();
  for (let start = 0; start < images.length; start += BATCH) {
    await breathe(signal);
    const read = images.slice(start, start + BATCH).map(async (image, i) => ({
      place: start + i,
      id: dataset.id(image),
      pixels: await dataset.image(image),
    }));
    for (const members of groups(await Promise.all(read), ({ pixels }) => `${pixels.height} × ${pixels.width}`)) {
      const { height, width } = members[0]!.pixels;
      const group = bySize.get(`${height} × ${width}`) ?? { places: [], parts: [], height, width };
      bySize.set(`${height} × ${width}`, group);
      group.places.push(...members.map(({ place }) => place));
      group.parts.push(await encode(prior, members, latent === 'sample' ? noiseSeed : undefined));
    }
  }
  return Array.from(bySize.values(), ({ parts, places, height, width }) => ({
    places,
    ids: places.map((place) => dataset.id(images[place]!)),
    latents: joined(parts),
    height,
    width,
  }));
}

function groups<T>(items: readonly T[], keyOf: (item: T) => string): T[][] {
  const found = new Map<string, T[]>();
  for (const item of items) found.set(keyOf(item), [...(found.get(keyOf(item)) ?? []), item]);
  return [...found.values()];
}

interface Encoded {
  values: Float32Array;
  shape: readonly [height: number, width: number, channels: number];
}

/** The posterior's mean, or with a seed a draw from it. */
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
