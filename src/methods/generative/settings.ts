/** What every generative method is asked for, and is drawn by. */
import { z } from 'zod';
import { promptSettings } from './conditioned-prior';

export const generativeSettings = promptSettings.extend({
  imagesPerClass: z.int().min(1),
  /** Side of a distilled image, pixels. Default the prior's. */
  size: z.int().min(1).optional(),
  /** Images per pass through the prior; changes no image but for rounding. */
  batch: z.int().min(1).default(16),
  /** Of the latents of the real images, of their modes and of all noise. */
  seed: z.int().default(0),
});
