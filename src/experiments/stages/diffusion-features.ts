/** Diffusion features of each image (paper 001, section 3.2), averaged to a grid that every patch size shares. */
import { z } from 'zod';
import { imageFeatureGrids } from '../../methods';
import { mapStage } from '../../sweeps';
import { datasetSchema, openDataset } from '../datasets';
import { askByClass, imageIdentity, imageSchema } from './images';
import { keptPrior, memoryOfPrior, priorSchema, threadsOfPrior } from './prior';
import { quantise, type StoredArray } from './quantised';

export const imageFeatures = mapStage({
  name: 'diffusion-features',
  version: 2,
  code: import.meta.url,
  uses: ['./images', './prior', './quantised', '../../methods/diffusion-driven-selection/image-features'],
  parameters: z.object({
    prior: priorSchema,
    prompt: z.string(),
    /** Of the added noise, as a fraction of the schedule. */
    timestep: z.number().min(0).max(1),
    upBlock: z.int().min(0),
    ensemble: z.int().min(1),
    /** Cells along a side, at most. */
    grid: z.int().min(1),
    latent: z.enum(['mean', 'sample']),
    noiseSeed: z.int(),
    encodedSize: z.int().optional(),
  }),
  item: imageSchema,
  identity: imageIdentity,
  unkeyed: z.object({ dataset: datasetSchema }),
  batch: 50,
  resourcesFor: ({ prior }) => ({ threads: threadsOfPrior(prior), memory: 3000 + memoryOfPrior(prior) }),
  /**
   * One grid per image, [rows, columns, channels]: 51 kB for 6 × 6 cells of Stable Diffusion's 1,280 channels. Rounding
   * changes no choice; coarser cells change as many as another clustering seed does (tests/checks/stored-precision.ts).
   */
  async run(context, { prior: which, ...settings }, items): Promise<StoredArray[]> {
    const [prior, dataset] = [await keptPrior(context, which), openDataset(context.unkeyed.dataset)];
    const { signal, onProgress } = context;
    return askByClass(prior, dataset, items, { ...settings, signal }, async (group, className) => {
      const grids = await imageFeatureGrids(prior, group, className, { ...settings, signal, onProgress });
      return grids.map(({ values, height, width, channels }) => quantise(values, [height, width, channels], 8));
    });
  },
});
