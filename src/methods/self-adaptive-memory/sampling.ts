/** Distilled images drawn from a class-conditional prior: the last step of Minimax and paper 000, and a comparator alone. */
import type { z } from 'zod';
import { type ImageDataset, type Pixels, resizePixels, tensorToImages } from '../../datasets';
import type { ClassConditionalDiffusion } from '../../diffusion';
import { breathe, type LongTask } from '../../engine';
import type { DistilledImage, DistilledSet } from '../distilled-set';
import { ditSamplingSettings } from './settings';

export interface DitSamplingOptions extends LongTask, z.input<typeof ditSamplingSettings> {
  prior: ClassConditionalDiffusion;
  imagesPerClass: number;
  /** Side of a distilled image, pixels. Default the prior's. */
  size?: number;
  /** Images per pass through the prior; changes no image. Default 16. */
  batch?: number;
  /** What the set is called. Default 'DiT'. */
  method?: string;
}

/**
 * `imagesPerClass` images of each of the dataset's classes, drawn from the prior as it is. An image depends on seed, class
 * and number alone, so a smaller set is the beginning of a larger one: the authors draw 100 per class and take the first.
 * @throws {UnknownClassError} when the prior doesn't know a class
 * @example const dit = await ditSampling(dataset, { prior, imagesPerClass: 10 });
 */
export async function ditSampling(dataset: ImageDataset, options: DitSamplingOptions): Promise<DistilledSet> {
  const {
    prior,
    imagesPerClass,
    size = prior.imageSize,
    batch = 16,
    method = 'DiT',
    signal,
    onProgress,
    ...given
  } = options;
  const settings = ditSamplingSettings.parse(given);
  for (const [name, value] of Object.entries({ imagesPerClass, size, batch })) {
    if (!Number.isInteger(value) || value < 1) throw new Error(`Expected '${name}' of 1 or more, got ${value}.`);
  }
  const { name, fingerprint, classes } = dataset;
  const numbers = prior.classesOf(classes);
  const images: DistilledImage[] = [];
  const wanted = classes.flatMap((_, label) => Array.from({ length: imagesPerClass }, (_, k) => ({ label, k })));
  for (let start = 0; start < wanted.length; start += batch) {
    await breathe(signal);
    const some = wanted.slice(start, start + batch);
    const drawn = await draw(
      prior,
      { ...settings, signal },
      some.map(({ label, k }) => ({ number: numbers[label]!, k })),
    );
    for (const [i, { label }] of some.entries()) {
      images.push({ label, pixels: await resizePixels(drawn[i]!, size, size), sources: [] });
    }
    onProgress?.({ label: `Sampling: ${method}`, done: images.length, total: wanted.length });
  }
  const about = { name, fingerprint };
  return { method, imagesPerClass, size, factor: 1, settings, classes: [...classes], dataset: about, images };
}

/** Images number `k` of the prior's classes `number`. */
async function draw(
  prior: ClassConditionalDiffusion,
  { seed, signal, ...settings }: z.output<typeof ditSamplingSettings> & Pick<LongTask, 'signal'>,
  wanted: readonly { number: number; k: number }[],
): Promise<Pixels[]> {
  const latents = await prior.sample({
    ...settings,
    classes: wanted.map(({ number }) => number),
    noise: { seed, items: wanted.map(({ number, k }) => `class ${number}, image ${k}`) },
    // OpenAI's respacing for DDPM, as DiT samples; DDIM goes by the schedule's own.
    ...(settings.sampler === 'ddpm' ? { spacing: 'linspace' as const } : {}),
    signal,
  });
  const decoded = prior.decodeLatents(latents);
  latents.dispose();
  const images = await tensorToImages(decoded);
  decoded.dispose();
  return images;
}
