/**
 * The settings of minimax diffusion with self-adaptive memory, with the authors' values as defaults. [K] is read in
 * their released code; [I] is our reading where text and code say nothing. That the tables were made with the code's
 * defaults is [I] too: the text we have gives no values.
 */
import type { MemorySettings } from './memories';

export interface FineTuningSettings extends MemorySettings {
  /** Weight of representativeness, λ_r. [K] 0.002 */
  lambdaReal: number;
  /** Weight of diversity, λ_g. [K] 0.008 */
  lambdaGenerated: number;
  /** AdamW's constant rate, without decay of weights, warm-up or clipping. [K] 1e-3 */
  learningRate: number;
  /** Images per step; an epoch's last, incomplete batch is dropped. [K] 8 */
  batch: number;
  /** Optimiser steps in all. [K] 12,000, in the eighth epoch of ten ImageNet classes. */
  steps: number;
  /**
   * Memory of the averaged weights, from the prior's, which sampling uses. [K] 0.9999: after 12,000 steps they hold 0.30 of
   * the prior's weights still, after 500 steps 0.95. undefined: the trained weights are used as they are.
   */
  emaDecay: number | undefined;
  /** Share of the batch that sees the null class, so that guidance still works. [K] 0.1 */
  classDropout: number;
  /** Images are mirrored with probability ½. [K] true */
  mirror: boolean;
  seed: number;
}

/** The released code's values [K]. */
export const paperFineTuning: FineTuningSettings = {
  realCapacity: 64,
  generatedCapacity: 64,
  policy: 'self-adaptive',
  update: 'step',
  lambdaReal: 0.002,
  lambdaGenerated: 0.008,
  learningRate: 1e-3,
  batch: 8,
  steps: 12_000,
  emaDecay: 0.9999,
  classDropout: 0.1,
  mirror: true,
  seed: 0,
};

/** Minimax diffusion (Gu et al. 2024): the same, but memories are queues [K]. */
export const minimaxFineTuning: FineTuningSettings = { ...paperFineTuning, policy: 'fifo' };

export interface DitSamplingSettings {
  /** Classifier-free guidance. [K] 4 */
  guidance: number;
  /** [K] The first three of the four latent channels, as DiT does. */
  guidanceOn: 'three' | 'all';
  /** [K] ddpm with a learned variance. */
  sampler: 'ddpm' | 'ddim';
  /** [K] 50, of 1000 timesteps. */
  steps: number;
  seed: number;
}

/** The released code's values [K]. */
export const paperSampling: DitSamplingSettings = {
  guidance: 4,
  guidanceOn: 'three',
  sampler: 'ddpm',
  steps: 50,
  seed: 0,
};
