/**
 * The settings of minimax diffusion with self-adaptive memory, with the authors' values as defaults. [K] is read in
 * their released code; [I] is our reading where text and code say nothing. That the tables were made with the code's
 * defaults is [I] too: the text we have gives no values.
 */
import { z } from 'zod';
import type { MemoryPolicy } from './memory';

const capacity = z.int().min(1).default(64);
const weight = z.number().min(0);

/** What the memories are. */
export const memorySettings = z.object({
  /** Entries per class in the memory of real latents, N_R. [K] 64 */
  realCapacity: capacity,
  /** Entries per class in the memory of generated latents, N_G. [K] 64, one value for both */
  generatedCapacity: capacity,
  /** Which entry a full memory forgets. [K] the one most like the others; 'fifo' is Minimax diffusion, 'min' an ablation. */
  policy: z.enum(['self-adaptive', 'fifo', 'min'] satisfies MemoryPolicy[]).default('self-adaptive'),
  /**
   * 'step': a step's latents come in at once, as the authors' code does [K]. 'epoch': they wait until the epoch's end, as
   * figure 2's caption says. What the text leaves open is our reading [I]: the first epoch goes by steps, as the
   * memories would be empty for it; and at most as many latents wait as the memory holds, a random sample of the epoch's.
   */
  update: z.enum(['step', 'epoch']).default('step'),
  seed: z.int().default(0),
});
export type MemorySettings = z.output<typeof memorySettings>;

/** What determines a fine-tuned prior, beside prior and images. `{}` is the released code's [K]. */
export const fineTuningSettings = memorySettings.extend({
  /** Weight of representativeness, λ_r. [K] 0.002 */
  lambdaReal: weight.default(0.002),
  /** Weight of diversity, λ_g. [K] 0.008 */
  lambdaGenerated: weight.default(0.008),
  /** AdamW's constant rate, without decay of weights, warm-up or clipping. [K] 1e-3 */
  learningRate: z.number().positive().default(1e-3),
  /** Images per step; an epoch's last, incomplete batch is dropped. [K] 8 */
  batch: z.int().min(1).default(8),
  /** Optimiser steps in all. [K] 12,000, in the eighth epoch of ten ImageNet classes */
  steps: z.int().min(1).default(12_000),
  /**
   * Memory of the averaged weights, from the prior's, which sampling uses. [K] 0.9999: after 12,000 steps they hold 0.30 of
   * the prior's weights still, after 500 steps 0.95. null: the trained weights are used as they are.
   */
  emaDecay: z.number().min(0).lt(1).nullable().default(0.9999),
  /** Share of the batch that sees the null class, so that guidance still works. [K] 0.1 */
  classDropout: z.number().min(0).max(1).default(0.1),
  /** Images are mirrored with probability ½. [K] true */
  mirror: z.boolean().default(true),
});
export type FineTuningSettings = z.output<typeof fineTuningSettings>;

/** What determines images drawn from a DiT, beside the DiT. `{}` is the released code's [K]. */
export const ditSamplingSettings = z.object({
  /** Classifier-free guidance. [K] 4 */
  guidance: z.number().min(0).default(4),
  /** [K] The first three of the four latent channels, as DiT does */
  guidanceOn: z.enum(['three', 'all']).default('three'),
  /** [K] DDPM with a learned variance. 'ddim' is deterministic from its noise. */
  sampler: z.enum(['ddpm', 'ddim']).default('ddpm'),
  /** Of the schedule's timesteps, evenly spaced. [K] 50 */
  steps: z.int().min(1).default(50),
  seed: z.int().default(0),
});
export type DitSamplingSettings = z.output<typeof ditSamplingSettings>;
