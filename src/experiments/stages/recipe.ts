/** What an experiment changes of a protocol's recipe, as a stage's parameters. */
import { z } from 'zod';
import { precisions } from '../../engine';
import type { RecipeChanges } from '../../evaluation';

export const recipeSchema = z.object({
  epochs: z.int().min(1).optional(),
  batch: z.int().min(1).optional(),
  learningRate: z.number().positive().optional(),
  factor: z.int().min(1).optional(),
  crop: z.tuple([z.number(), z.number()]).readonly().optional(),
  shufflePatches: z.boolean().optional(),
  precision: z.enum(precisions).optional(),
  tests: z.int().min(1).optional(),
}) satisfies z.ZodType<RecipeChanges>;
