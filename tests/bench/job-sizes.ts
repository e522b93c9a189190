/** Sizes of the jobs that ours and Python's side both do; jobs.ts hands them to Python as JSON. */
import type { NoiseDraw } from '../../src/diffusion';

/** Noise losses of images × draws, each under two prompts, by the prior that ships. */
export const LOSSES = { images: 16, draws: 24 };
/**
 * Students on 10 images of each of 10 classes by RDED's recipe, a teacher of the same network asked in every step. The full
 * recipe has 300 epochs; time is linear in them.
 */
export const STUDENTS = {
  'student-conv3': { network: 'conv3', size: 32, epochs: 30 },
  'student-resnet10': { network: 'resnet10-w32', size: 64, epochs: 15 },
} as const;
/** A teacher as the tour trains one, on fewer images: time is linear in them and in the epochs. */
export const TEACHER = { network: 'conv3', size: 32, images: 2000, epochs: 2, batch: 100 } as const;
/** Patches of a class of ImageNet with Stable Diffusion's features (paper 001, section 3.2). */
export const CLUSTERING = { vectors: 5000, values: 1280, clusters: 32 };

/** Draws spread over 0.1 … 0.7 of the schedule. */
export const drawsIn = (count: number): NoiseDraw[] =>
  Array.from({ length: count }, (_, index) => ({ index, timestep: Math.floor(100 + (600 * (index + 0.5)) / count) }));
