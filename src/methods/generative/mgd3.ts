/**
 * MGD³ (Chan-Santiago et al., ICML 2025): sampling guided to one mode of the class per image, with the guidance stopped
 * early.
 */
import { z } from 'zod';
import type { ImageDataset } from '../../datasets';
import type { StepState } from '../../diffusion';
import { type LongTask, type Tensor, tf } from '../../engine';
import type { DistilledSet } from '../distilled-set';
import { readSettings } from '../read-settings';
import { classLatents } from './class-latents';
import type { GenerativePrior } from './conditioned-prior';
import { drawLatents } from './draw-latents';
import { generateSet } from './generate-set';
import { latentModes } from './modes';
import { generativeSettings } from './settings';

/** What determines MGD³'s set, apart from the prior. Defaults as in the released scripts, for DiT-XL/2. */
export const mgd3Settings = generativeSettings.extend({
  /** Strength of the pull towards the mode, λ; 0 is plain sampling. */
  modeGuidance: z.number().min(0).default(0.1),
  /** Steps before the end at which the pull stops, t_stop; the remaining steps are plain sampling. */
  stopAt: z.int().min(0).default(25),
  /** A mode is the centre of its cluster, or the real latent nearest to it. */
  mode: z.enum(['centre', 'nearest']).default('centre'),
  /** Classifier-free guidance. */
  guidance: z.number().min(0).default(4),
  /** DDPM steps, evenly spaced. */
  steps: z.int().min(1).default(50),
});

export type Mgd3Options = z.input<typeof mgd3Settings> & LongTask & { prior: GenerativePrior };

/**
 * z_{t-1} - λ σ_t (ẑ_0 - m): latents after a step, pulled towards their mode in proportion to the step's noise.
 * @param modes m, one per item [N,H,W,C]
 */
export function towardsMode(
  { latents, clean, deviation }: Pick<StepState, 'latents' | 'clean' | 'deviation'>,
  modes: Tensor,
  strength: number,
): Tensor {
  return tf.tidy(() => tf.sub(latents, tf.mul(tf.mul(tf.sub(clean, modes), deviation), strength)));
}

/**
 * For each class: finds `imagesPerClass` k-means modes of its latents, and samples an image for each by DDPM, guided
 * towards the mode until `stopAt` steps are left.
 *
 * Nothing is simplified for a DiT. A text-conditional prior is sampled in the same way; we don't know the authors'
 * recipe for Stable Diffusion.
 * @throws {UnknownClassError} when the prior doesn't know a class; an Error when a class has too few images
 * @example const set = await mgd3(dataset, { prior, imagesPerClass: 10 });
 */
export async function mgd3(
  dataset: ImageDataset,
  { prior, signal, onProgress, ...given }: Mgd3Options,
): Promise<DistilledSet> {
  const { imagesPerClass, size, batch, ...settings } = readSettings(mgd3Settings, given, 'MGD3');
  const { modeGuidance, stopAt, mode, seed, guidance, steps } = settings;
  const needs = imagesPerClass;
  const task = { method: 'MGD3', prior, imagesPerClass, size, batch, needs, settings, signal, onProgress };
  return generateSet(dataset, task, async ({ prior: conditioned, className, positions }) => {
    const latents = await classLatents(conditioned, dataset, positions, { seed, signal });
    const modes = latentModes(latents, { count: imagesPerClass, seed, nearest: mode === 'nearest' });
    try {
      const drawing = { className, count: imagesPerClass, seed, batch, guidance, steps, signal };
      return await drawLatents(conditioned, { ...drawing, ...ddpm }, (start, count) => ({
        onStep: modePull(modes, { start, count, steps, stopAt, strength: modeGuidance }),
      }));
    } finally {
      modes.dispose();
    }
  });
}

/** OpenAI's respacing, as in DiT's sampling. */
const ddpm = { sampler: 'ddpm', spacing: 'linspace' } as const;

/** The hook that guides images from number `start` on to their modes while more than `stopAt` steps are left. */
export function modePull(
  modes: Tensor,
  options: { start: number; count: number; steps: number; stopAt: number; strength: number },
): (state: StepState) => Tensor | undefined {
  const { start, count, steps, stopAt, strength } = options;
  return (state) => {
    const left = steps - 1 - state.index;
    if (left <= stopAt || strength === 0) return undefined;
    return towardsMode(state, tf.slice(modes, [start, 0, 0, 0], [count, -1, -1, -1]), strength);
  };
}
