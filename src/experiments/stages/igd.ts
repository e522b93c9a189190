/** IGD: images that train a surrogate as the real ones do. */
import type { z } from 'zod';
import {
  type DistilledSet,
  igd,
  igdSettings,
  igdSurrogates,
  surrogateSettings,
  type SurrogateWeights,
} from '../../methods';
import { type BoundStage, input, stage } from '../../sweeps';
import { datasetSchema, openDataset } from '../datasets';
import { keptGenerativePrior } from './generative-prior';
import { memoryOfPrior, priorSchema } from './prior';

const drawnFrom = { dataset: datasetSchema, prior: priorSchema };
const setSettings = igdSettings.extend(drawnFrom);
export type IgdSetSettings = z.input<typeof setSettings>;

/** Trained once for sets of every seed and size. The prior says how large its images are. */
const surrogates = stage({
  name: 'igd-surrogates',
  version: 1,
  code: import.meta.url,
  uses: ['../../methods/generative/igd/surrogates', './generative-prior'],
  parameters: surrogateSettings.extend(drawnFrom),
  resources: { threads: 1, minutes: 120 },
  resourcesFor: ({ prior }) => ({ memory: 4000 + memoryOfPrior(prior) }),
  async run(context, { dataset, prior: which, ...settings }): Promise<SurrogateWeights[]> {
    const { signal, onProgress } = context;
    const prior = await keptGenerativePrior(context, which);
    return igdSurrogates(openDataset(dataset), { ...settings, prior, signal, onProgress });
  },
});

const igdSet = stage({
  name: 'igd',
  version: 2,
  code: import.meta.url,
  uses: ['../../methods/generative/igd/igd', './generative-prior'],
  parameters: setSettings,
  inputs: { surrogates: input<readonly SurrogateWeights[]>() },
  // An image at a time leaves a second thread idle: two sets side by side are done sooner.
  resources: { threads: 1, minutes: 120 },
  resourcesFor: ({ prior }) => ({ memory: 4000 + memoryOfPrior(prior) }),
  async run(context, { dataset, prior: which, ...settings }, { surrogates }): Promise<DistilledSet> {
    const { signal, onProgress } = context;
    const prior = await keptGenerativePrior(context, which);
    return igd(openDataset(dataset), { ...settings, prior, surrogates, signal, onProgress });
  },
});

/** The stages of IGD's set. @throws where a setting is none of its */
export function bindIgd(settings: IgdSetSettings): BoundStage<DistilledSet> {
  const { dataset, prior, surrogate = {} } = settings;
  return igdSet.bind(settings, { inputs: { surrogates: surrogates.bind({ ...surrogate, dataset, prior }) } });
}
