/**
 * The settings of minimax diffusion with self-adaptive memory, with the authors' values as defaults. [K] is read in
 * their released code; [I] is our reading where text and code say nothing. That the tables were made with the code's
 * defaults is [I] too: the text gives no values.
 */
import { z } from 'zod';
import { precisions } from '../../engine';
import type { MemoryPolicy } from './memory';

const capacity = z.int().min(1).default(64);
const weight = z.number().min(0);

/** Settings of the memories. */
export const memorySettings = z.object({
  /** Entries per class in the memory of real latents, N_R. [K] 64 */
  realCapacity: capacity,
  /** Entries per class in the memory of generated latents, N_G. [K] 64, one value for both */
  generatedCapacity: capacity,
  /** Which entry a full memory forgets. [K] the one most like the others; 'fifo' is Minimax diffusion, 'min' an ablation. */
  policy: z.enum(['self-adaptive', 'fifo', 'min'] satisfies MemoryPolicy[]).default('self-adaptive'),
  /**
   * 'step': a step's latents enter at once, as in the authors' code [K]. 'epoch': they wait until the epoch's end, as
   * figure 2's caption says. Where the text leaves it open, our reading is [I]: the first epoch goes by steps, because
   * the memories would be empty during it; and at most as many latents wait as the memory holds, a random sample of the
   * epoch's.
   */
  update: z.enum(['step', 'epoch']).default('step'),
  seed: z.int().default(0),
});
export type MemorySettings = z.output<typeof memorySettings>;

/** What determines a fine-tuned prior, besides prior and images. `{}` gives the released code's settings [K]. */
export const fineTuningSettings = memorySettings.extend({
  /** Weight of representativeness, λ_r. [K] 0.002 */
  lambdaReal: weight.default(0.002),
  /** Weight of diversity, λ_g. [K] 0.008 */
  lambdaGenerated: weight.default(0.008),
  /** AdamW's constant rate, without weight decay, warm-up or clipping. [K] 1e-3 */
  learningRate: z.number().positive().default(1e-3),
  /** Images per step; an epoch's last, incomplete batch is dropped. [K] 8 */
  batch: z.int().min(1).default(8),
  /** Optimiser steps in all. [K] 12,000, in the eighth epoch of ten ImageNet classes, which are tuned on together */
  steps: z.int().min(1).default(12_000),
  /**
   * Decay of the moving average of the weights, which starts from the prior's and is used for sampling. [K] 0.9999: the
   * prior's weights still count 0.30 after 12,000 steps, and 0.95 after 500. null: the trained weights are used
   * directly.
   */
  emaDecay: z.number().min(0).lt(1).nullable().default(0.9999),
  /** Share of the batch that sees the null class, so that guidance still works. [K] 0.1 */
  classDropout: z.number().min(0).max(1).default(0.1),
  /** Images are mirrored with probability ½. [K] true */
  mirror: z.boolean().default(true),
  /** Precision of the products, gradients included; the authors' code trains in float32, with TF32 products allowed. */
  precision: z.enum(precisions).default('float32'),
});
export type FineTuningSettings = z.output<typeof fineTuningSettings>;

/** What determines images drawn from a DiT, besides the DiT. `{}` gives the released code's settings [K]. */
export const ditSamplingSettings = z.object({
  /** Classifier-free guidance. [K] 4 */
  guidance: z.number().min(0).default(4),
  /** [K] The first three of the four latent channels, as DiT does */
  guidanceOn: z.enum(['three', 'all']).default('three'),
  /** [K] DDPM with a learned variance. 'ddim' is deterministic from its noise. */
  sampler: z.enum(['ddpm', 'ddim']).default('ddpm'),
  /** Sampling steps, evenly spaced over the schedule's timesteps. [K] 50 */
  steps: z.int().min(1).default(50),
  /** Precision of the denoiser's products. */
  precision: z.enum(precisions).default('float32'),
  seed: z.int().default(0),
});
export type DitSamplingSettings = z.output<typeof ditSamplingSettings>;
