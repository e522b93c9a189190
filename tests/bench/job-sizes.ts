/** Sizes of the jobs that ours and Python's side both do; jobs.ts hands them to Python as JSON. */
import type { NoiseDraw } from '../../src/diffusion';

/** Noise losses of images × draws, each under two prompts, by the prior that ships. */
export const LOSSES = { images: 16, draws: 24 };
/** Patches of a class of ImageNet with Stable Diffusion's features (paper 001, section 3.2). */
export const CLUSTERING = { vectors: 5000, values: 1280, clusters: 32 };

/** Draws spread over 0.1 … 0.7 of the schedule. */
export const drawsIn = (count: number): NoiseDraw[] =>
  Array.from({ length: count }, (_, index) => ({ index, timestep: Math.floor(100 + (600 * (index + 0.5)) / count) }));
