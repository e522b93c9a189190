/** From latents of each class to a distilled set: the last step of the generative methods. */
import { type ImageDataset, type Pixels, tensorToImages } from '../../datasets';
import { breathe, type LongTask, type Precision, type Tensor, tf } from '../../engine';
import { imagesByClass } from '../compose';
import type { DistilledSet } from '../distilled-set';
import { generatedSet } from '../self-adaptive-memory';
import {
  type ConditionedPrior,
  conditionedPrior,
  type GenerativePrior,
  type PromptSettings,
} from './conditioned-prior';

export interface GenerateOptions extends LongTask {
  method: string;
  prior: GenerativePrior;
  imagesPerClass: number;
  /** Side of a distilled image, pixels. Default the prior's. */
  size?: number | undefined;
  /** Images per pass through the prior. */
  batch: number;
  /** Real images per class that the method needs. */
  needs: number;
  /** What determined the set besides prior and images, prompts and the denoiser's precision included. */
  settings: PromptSettings & { precision: Precision } & Record<string, unknown>;
}

/** One class for which a method makes latents. */
export interface ClassTask {
  prior: ConditionedPrior;
  className: string;
  /** Positions of its real images in the dataset. */
  positions: readonly number[];
}

/**
 * Decodes the latents that `latentsOf` makes for each class, and makes a set of the images.
 * @param latentsOf gives latents [imagesPerClass,H,W,C] on the denoiser's scale; freed here
 * @throws {UnknownClassError} when the prior doesn't know a class; an Error when a class has fewer real images than needed
 */
export async function generateSet(
  dataset: ImageDataset,
  { method, prior: given, imagesPerClass, size, batch, needs, settings, signal, onProgress }: GenerateOptions,
  latentsOf: (task: ClassTask) => Promise<Tensor>,
): Promise<DistilledSet> {
  const prior = conditionedPrior(given, dataset.classes, settings);
  const byClass = imagesByClass(dataset);
  for (const [label, { length }] of byClass.entries()) {
    if (length >= needs) continue;
    throw new Error(
      `Expected ${needs} real images of '${dataset.classes[label]}' for ${imagesPerClass} generated ones, got ${length}. Use a larger pool or fewer images per class.`,
    );
  }
  const images: Pixels[] = [];
  for (const [label, positions] of byClass.entries()) {
    await breathe(signal);
    const latents = await latentsOf({ prior, className: dataset.classes[label]!, positions });
    try {
      for (let start = 0; start < imagesPerClass; start += batch) {
        images.push(...(await decoded(prior, latents, start, Math.min(batch, imagesPerClass - start))));
      }
    } finally {
      latents.dispose();
    }
    onProgress?.({ label: `Generating: ${method}`, done: label + 1, total: byClass.length });
  }
  return generatedSet(dataset, images, { method, imagesPerClass, size: size ?? prior.imageSize, settings });
}

async function decoded({ vae }: ConditionedPrior, latents: Tensor, start: number, count: number): Promise<Pixels[]> {
  const images = tf.tidy(() => vae.decode(vae.unscale(tf.slice(latents, [start, 0, 0, 0], [count, -1, -1, -1]))));
  try {
    return await tensorToImages(images);
  } finally {
    images.dispose();
  }
}
