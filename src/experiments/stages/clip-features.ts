/** CLIP's embedding of each candidate of a class (paper 001, Table 5). */
import { z } from 'zod';
import { type Candidates, clipFeatures as embeddings } from '../../methods';
import { input, stage } from '../../sweeps';
import { datasetSchema, openDataset } from '../datasets';
import { keptPrior, memoryOfPrior, priorSchema, threadsOfPrior } from './prior';
import { quantise, type StoredArray } from './quantised';

export const clipFeatures = stage({
  name: 'clip-features',
  version: 1,
  code: import.meta.url,
  uses: ['./prior', './quantised', '../../methods/diffusion-driven-selection/clip-features'],
  parameters: z.object({ prior: priorSchema }),
  unkeyed: z.object({
    dataset: datasetSchema,
    /** Positions in the dataset of the candidates' images, which the candidates name by their ids. */
    images: z.array(z.int()),
  }),
  inputs: { candidates: input<Candidates>() },
  resourcesFor: ({ prior }) => ({ threads: threadsOfPrior(prior), memory: 2000 + memoryOfPrior(prior) }),
  /** One vector per candidate, [1, channels]. */
  async run(context, { prior: which }, { candidates }): Promise<StoredArray[]> {
    const { unkeyed, signal, onProgress } = context;
    const chosen = { dataset: openDataset(unkeyed.dataset), images: unkeyed.images };
    const prior = await keptPrior(context, which);
    const vectors = await embeddings(prior, chosen, candidates, { signal, onProgress });
    return vectors.map((vector) => quantise(vector, [vector.length, 1], 16));
  },
});
