/** Mean differential noise losses of each image over a group of draws (paper 001, equation 6): the costly stage. */
import { z } from 'zod';
import { precisions } from '../../engine';
import { scoreImages } from '../../methods';
import { mapStage } from '../../sweeps';
import { datasetSchema, openDataset } from '../datasets';
import { askByClass, imageIdentity, imageSchema } from './images';
import { keptPrior, memoryOfPrior, priorSchema, threadsOfPrior } from './prior';
import { quantise, type StoredArray } from './quantised';

/** What the store keeps of an image: 8 kB at 64 × 64 latents. */
export interface LossPiece {
  /** Of the image. */
  id: string;
  /** The mean over the group's draws, [latent height, latent width, 1]. */
  map: StoredArray;
  /** Size of the image, pixels. */
  height: number;
  width: number;
}

export const noiseLosses = mapStage({
  name: 'noise-losses',
  version: 2,
  code: import.meta.url,
  // How images are read and opened is not in the key: an image's id says what its pixels are.
  uses: ['./images', './prior', './quantised', '../../methods/diffusion-driven-selection/score'],
  parameters: z.object({
    prior: priorSchema,
    prompt: z.string(),
    nullPrompt: z.string(),
    /** A band of the schedule, and which of its draws: see drawGroups. */
    range: z.tuple([z.number(), z.number()]),
    first: z.int(),
    draws: z.int().min(1),
    noise: z.enum(['shared', 'per image']),
    latent: z.enum(['mean', 'sample']),
    noiseSeed: z.int(),
    precision: z.enum(precisions),
    encodedSize: z.int().optional(),
  }),
  item: imageSchema,
  identity: imageIdentity,
  unkeyed: z.object({ dataset: datasetSchema }),
  batch: 50,
  resourcesFor: ({ prior }) => ({ threads: threadsOfPrior(prior), memory: 3000 + memoryOfPrior(prior) }),
  async run(context, { prior: which, ...settings }, items): Promise<LossPiece[]> {
    const [prior, dataset] = [await keptPrior(context, which), openDataset(context.unkeyed.dataset)];
    const { signal, onProgress } = context;
    return askByClass(prior, dataset, items, { ...settings, signal }, async (group, className) => {
      const maps = await scoreImages(prior, group, className, { ...settings, signal, onProgress });
      return maps.map(({ values, height, width }, i) => ({
        id: group.ids[i]!,
        map: quantise(values, [height, width, 1], 16),
        ...group.sizes[i]!,
      }));
    });
  },
});
