/** Settings that all generative methods share. */
import { z } from 'zod';
import { precisions } from '../../engine';
import { promptSettings } from './conditioned-prior';

export const generativeSettings = promptSettings.extend({
  imagesPerClass: z.int().min(1),
  /** Side of a distilled image, pixels. Default the prior's. */
  size: z.int().min(1).optional(),
  /** Images per pass through the prior; affects images only by rounding. */
  batch: z.int().min(1).default(16),
  /** Precision of the denoiser's products; 'bfloat16' is faster where the processor has tiles for it. */
  precision: z.enum(precisions).default('float32'),
  /** Seed of the real images' latents, of their modes and of all noise. */
  seed: z.int().default(0),
});
