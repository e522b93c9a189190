/** A prior fine-tuned on a dataset with memories (paper 000, algorithm 1): what every set of these settings is drawn from. */
import { z } from 'zod';
import { classRange } from '../../datasets';
import { fineTunePrior, fineTuningSettings, type MemoryRow, type TermMeans } from '../../methods';
import { stage, type StoredFile } from '../../sweeps';
import { datasetSchema, openDataset } from '../datasets';
import { classPriorSchema, keptClassPrior, storeWeights } from './class-prior';
import { memoryOfPrior } from './prior';
import { withCheckpoint, workSchema } from './unfinished-work';

/** A fine-tuned prior as the store keeps it. */
export interface StoredFineTuning {
  /** Tensors of the transformer that the fine-tuning changed, float32. */
  weights: StoredFile;
  /** Mean of each term of the loss, unweighted, in each hundredth of the steps. */
  terms: TermMeans[];
  /** What the memories held at the end, and what would have left next. */
  memories: MemoryRow[];
}

export const fineTunedPrior = stage({
  name: 'fine-tuned-prior',
  version: 1,
  code: import.meta.url,
  uses: ['./class-prior', '../../methods/self-adaptive-memory/fine-tune-prior', './unfinished-work'],
  parameters: fineTuningSettings.extend({
    prior: classPriorSchema,
    dataset: datasetSchema,
    /** The classes that it is fine-tuned on. Default: all. */
    range: z.object({ first: z.int().min(0), count: z.int().min(1) }).optional(),
  }),
  unkeyed: workSchema,
  // The average of its weights is a second network, the optimiser's moments are two more of what is tuned.
  resources: { threads: 1, minutes: 600 },
  resourcesFor: ({ prior }) => ({ memory: 4000 + 3 * memoryOfPrior(prior) }),
  async run(context, { prior: which, dataset: description, range, ...fineTuning }): Promise<StoredFineTuning> {
    const { signal, onProgress } = context;
    const original = await keptClassPrior(context, which);
    const whole = openDataset(description);
    const dataset = range ? classRange(whole, range) : whole;
    const of = [which.fingerprint, dataset.fingerprint, fineTuning];
    return withCheckpoint(fineTunedPrior, context, of, async (checkpoint) => {
      const { prior, fineTuning: done } = await fineTunePrior(dataset, {
        prior: original,
        fineTuning,
        checkpoint,
        signal,
        onProgress,
      });
      try {
        const weights = await storeWeights(context, prior.transformer, original);
        return { weights, terms: done.terms, memories: done.memories.rows() };
      } finally {
        prior.transformer.dispose();
      }
    });
  },
});
