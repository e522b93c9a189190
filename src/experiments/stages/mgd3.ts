/** MGD3: images led to the modes of each class. */
import { type DistilledSet, mgd3, mgd3Settings } from '../../methods';
import { stage } from '../../sweeps';
import { datasetSchema, openDataset } from '../datasets';
import { keptGenerativePrior } from './generative-prior';
import { memoryOfPrior, priorSchema } from './prior';

export const mgd3Set = stage({
  name: 'mgd3',
  version: 1,
  code: import.meta.url,
  uses: ['../../methods/generative/mgd3', './generative-prior'],
  parameters: mgd3Settings.extend({ dataset: datasetSchema, prior: priorSchema }),
  resources: { threads: 1, minutes: 120 },
  resourcesFor: ({ prior }) => ({ memory: 4000 + memoryOfPrior(prior) }),
  async run(context, { dataset, prior: which, ...settings }): Promise<DistilledSet> {
    const { signal, onProgress } = context;
    const prior = await keptGenerativePrior(context, which);
    return mgd3(openDataset(dataset), { ...settings, prior, signal, onProgress });
  },
});
