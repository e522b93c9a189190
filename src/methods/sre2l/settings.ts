/** SRe2L's settings. Defaults as in the released script for ImageNet-1K (recover.sh: "4K"). */
import { z } from 'zod';
import { precisions } from '../../engine';

/** What determines an image of a class, apart from the observer. */
export const recoverySettings = z.object({
  /** Side of a distilled image and of the observer's input, pixels. */
  size: z.int().min(1),
  /** Steps of Adam. CIFAR-100: 1,000. */
  iterations: z.int().min(1).default(4000),
  /** Initial rate of Adam, lowered to 0 by half a cosine. */
  learningRate: z.number().positive().default(0.25),
  /** Weight of the batch norms' statistics beside the cross entropy. Tiny-ImageNet: 1. */
  statisticsWeight: z.number().min(0).default(0.01),
  /** Factor on the first batch norm's statistics. */
  firstWeight: z.number().min(0).default(10),
  /** Range of the random crop's area in each step, as a share of the image; 'whole' for none, as with CIFAR. */
  crop: z
    .union([z.tuple([z.number().positive(), z.number().max(1)]).readonly(), z.literal('whole')])
    .default([0.08, 1]),
  /** Mirror with probability ½. CIFAR: false. */
  flip: z.boolean().default(true),
  /**
   * Range of each step's roll along an axis, as shares of the side; a single number is the largest roll, from 0: 32 of
   * 224 pixels. CIFAR: 1/8. Tiny-ImageNet: [-1/16, 1/16].
   */
  jitter: z
    .union([
      z.number().min(0).max(1),
      z
        .tuple([z.number().min(-1), z.number().max(1)])
        .refine(([least, most]) => least <= most, 'Expected the least roll first.')
        .readonly(),
    ])
    .default(1 / 7),
  /** Classes per batch: they are recovered together, and share the batch's statistics. */
  classBatch: z.int().min(1).default(100),
  /** Precision of the observer's products; 'bfloat16' is faster where the processor has tiles for it. */
  precision: z.enum(precisions).default('float32'),
  seed: z.int().default(0),
});
export type RecoverySettings = z.output<typeof recoverySettings>;

/** What determines the set, apart from the observer. */
export const sre2lSettings = recoverySettings.extend({
  imagesPerClass: z.int().min(1),
  /** Side of a distilled image and of the observer's input, pixels. Default the dataset's. */
  size: z.int().min(1).optional(),
});
