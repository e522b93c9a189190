/** IGD: images that train a surrogate as the real ones do. The surrogate is trained within the stage. */
import { type DistilledSet, igd, igdSettings } from '../../methods';
import { stage } from '../../sweeps';
import { datasetSchema, openDataset } from '../datasets';
import { keptGenerativePrior } from './generative-prior';
import { memoryOfPrior, priorSchema } from './prior';

export const igdSet = stage({
  name: 'igd',
  version: 1,
  code: import.meta.url,
  uses: ['../../methods/generative/igd/igd', './generative-prior'],
  parameters: igdSettings.extend({ dataset: datasetSchema, prior: priorSchema }),
  // An image at a time leaves a second thread idle: two sets side by side are done sooner.
  resources: { threads: 1, minutes: 120 },
  resourcesFor: ({ prior }) => ({ memory: 4000 + memoryOfPrior(prior) }),
  async run(context, { dataset, prior: which, ...settings }): Promise<DistilledSet> {
    const { signal, onProgress } = context;
    const prior = await keptGenerativePrior(context, which);
    return igd(openDataset(dataset), { ...settings, prior, signal, onProgress });
  },
});
