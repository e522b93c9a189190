/** D4M: images drawn from the prototypes of each class. */
import { d4m, d4mSettings, type DistilledSet } from '../../methods';
import { stage } from '../../sweeps';
import { datasetSchema, openDataset } from '../datasets';
import { keptGenerativePrior } from './generative-prior';
import { memoryOfPrior, priorSchema } from './prior';

export const d4mSet = stage({
  name: 'd4m',
  version: 1,
  code: import.meta.url,
  uses: ['../../methods/generative/d4m', './generative-prior'],
  parameters: d4mSettings.extend({ dataset: datasetSchema, prior: priorSchema }),
  resources: { threads: 1, minutes: 120 },
  resourcesFor: ({ prior }) => ({ memory: 4000 + memoryOfPrior(prior) }),
  async run(context, { dataset, prior: which, ...settings }): Promise<DistilledSet> {
    const { signal, onProgress } = context;
    const prior = await keptGenerativePrior(context, which);
    return d4m(openDataset(dataset), { ...settings, prior, signal, onProgress });
  },
});
