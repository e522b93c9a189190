/**
 * Distilled images drawn from a class-conditional prior: the last step of Minimax and of paper 000, or a baseline
 * alone.
 */
import type { z } from 'zod';
import type { ImageDataset, Pixels } from '../../datasets';
import type { ClassConditionalDiffusion } from '../../diffusion';
import { breathe, type LongTask } from '../../engine';
import type { DistilledSet } from '../distilled-set';
import { generateImages } from './generate';
import { generatedSet } from './generated-set';
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
  const wanted = prior
    .classesOf(dataset.classes)
    .flatMap((classNumber) => Array.from({ length: imagesPerClass }, (_, k) => ({ classNumber, k })));
  const images: Pixels[] = [];
  for (let start = 0; start < wanted.length; start += batch) {
    await breathe(signal);
    images.push(...(await generateImages(prior, wanted.slice(start, start + batch), { ...settings, signal })));
    onProgress?.({ label: `Sampling: ${method}`, done: images.length, total: wanted.length });
  }
  return generatedSet(dataset, images, { method, imagesPerClass, size, settings });
}
