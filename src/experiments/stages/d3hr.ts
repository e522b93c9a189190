/** D3HR: images that represent the Gaussian of each class in the noise. */
import { d3hr, d3hrSettings, type DistilledSet } from '../../methods';
import { stage } from '../../sweeps';
import { datasetSchema, openDataset } from '../datasets';
import { keptGenerativePrior } from './generative-prior';
import { priorSchema } from './prior';

export const d3hrSet = stage({
  name: 'd3hr',
  version: 1,
  code: import.meta.url,
  uses: ['../../methods/generative/d3hr', './generative-prior'],
  parameters: d3hrSettings.extend({ dataset: datasetSchema, prior: priorSchema }),
  resources: { threads: 2, memory: 4000, minutes: 120 },
  async run(context, { dataset, prior: which, ...settings }): Promise<DistilledSet> {
    const { signal, onProgress } = context;
    const prior = await keptGenerativePrior(context, which);
    return d3hr(openDataset(dataset), { ...settings, prior, signal, onProgress });
  },
});
