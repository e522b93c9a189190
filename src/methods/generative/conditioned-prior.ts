/** A common interface to priors that take prompts (UNet) and priors that take class labels (DiT). */
import { z } from 'zod';
import {
  ClassConditionalDiffusion,
  type LatentDiffusion,
  type NoiseSchedule,
  requireKnownClasses,
} from '../../diffusion';
import { type Precision, type Tensor, tf } from '../../engine';
import { type AutoencoderKL, type Denoiser, inPrecision } from '../../models';

/** A prior from which images of a class can be drawn. */
export type GenerativePrior = LatentDiffusion | ClassConditionalDiffusion;

/** Prompts for a text-conditional prior; a label-conditional one ignores them. */
export const promptSettings = z.object({
  /** '{}' stands for the class name. */
  prompt: z
    .string()
    .includes('{}', { error: "Expected a prompt template with '{}' for the class name." })
    .default('An image of {}'),
  /** The unconditional prompt of classifier-free guidance. */
  nullPrompt: z.string().default('An image of .'),
});
export type PromptSettings = z.output<typeof promptSettings>;

export interface ConditionedPrior {
  denoiser: Denoiser;
  schedule: NoiseSchedule;
  vae: AutoencoderKL;
  /** Side of the images, pixels, and of their latents. */
  imageSize: number;
  latentSize: number;
  /** Channels that the prior's own samplers guide (see SampleOptions). */
  guidanceOn: 'all' | 'three';
  /** The denoiser's condition for a class, `count` times, and once for 'no class'. The caller disposes them. */
  conditionsOf(className: string, count: number): { condition: Tensor; nullCondition: Tensor };
}

/**
 * @param options.precision of the denoiser's products
 * @throws {UnknownClassError} when the prior doesn't know one of the classes; an Error when its UNet's config has no size
 */
export function conditionedPrior(
  prior: GenerativePrior,
  classes: readonly string[],
  { precision, ...prompts }: PromptSettings & { precision: Precision },
): ConditionedPrior {
  const { vae, schedule } = prior;
  if (prior instanceof ClassConditionalDiffusion) {
    const numbers = new Map(prior.classesOf(classes).map((number, i) => [classes[i]!, number]));
    const { transformer } = prior;
    return {
      denoiser: inPrecision(transformer, precision),
      schedule,
      vae,
      imageSize: imageSizeOf(prior),
      latentSize: transformer.config.sample_size,
      guidanceOn: 'three',
      conditionsOf: (className, count) => ({
        condition: tf.fill([count], numbers.get(className)!, 'int32'),
        nullCondition: tf.tensor1d([transformer.nullClass], 'int32'),
      }),
    };
  }
  requireClassesOf(prior, classes);
  return {
    denoiser: inPrecision(prior.unet, precision),
    schedule,
    vae,
    imageSize: imageSizeOf(prior),
    latentSize: imageSizeOf(prior) / vae.downscale,
    guidanceOn: 'all',
    conditionsOf: (className, count) =>
      tf.tidy(() => {
        const states = prior.encodePrompts([prompts.prompt.replace('{}', className), prompts.nullPrompt]);
        const [condition, nullCondition] = tf.split(states, 2, 0) as [Tensor, Tensor];
        return { condition: tf.tile(condition, [count, 1, 1]), nullCondition };
      }),
  };
}

/** Side of the images that a prior draws, pixels. @throws when its UNet's config has no size */
export function imageSizeOf(prior: GenerativePrior): number {
  if (prior instanceof ClassConditionalDiffusion) return prior.imageSize;
  const { sample_size: latentSize } = prior.unet.config;
  if (typeof latentSize !== 'number') {
    throw new Error(`Expected the UNet's config to have a 'sample_size' of one number, got ${latentSize}.`);
  }
  return latentSize * prior.vae.downscale;
}

/** @throws {UnknownClassError} naming the first class that a prior doesn't know: before hours are spent on its images */
export function requireClassesOf(prior: GenerativePrior, classes: readonly string[]): void {
  if (prior instanceof ClassConditionalDiffusion) prior.classesOf(classes);
  else requireKnownClasses(prior.classes, classes);
}
