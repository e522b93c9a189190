/** D3HR: images that represent the Gaussian of each class in the noise. */
import { z } from 'zod';
import {
  classGaussian,
  classGaussianSettings,
  d3hr,
  d3hrSettings,
  type DiagonalGaussian,
  type DistilledSet,
} from '../../methods';
import { type BoundStage, input, mapStage, stage } from '../../sweeps';
import { datasetSchema, openDataset } from '../datasets';
import { keptGenerativePrior } from './generative-prior';
import { memoryOfPrior, priorSchema } from './prior';

const drawnFrom = { dataset: datasetSchema, prior: priorSchema };
const setSettings = d3hrSettings.extend(drawnFrom);
export type D3hrSetSettings = z.input<typeof setSettings>;

/** A piece per class, which sets of every seed and size share: inverting its images takes most of D3HR's time. */
const classGaussians = mapStage({
  name: 'class-gaussians',
  version: 1,
  code: import.meta.url,
  uses: ['../../methods/generative/class-gaussian', './generative-prior'],
  parameters: classGaussianSettings.extend(drawnFrom),
  /** The class's number. */
  item: z.int().min(0),
  batch: 1,
  resources: { threads: 1, minutes: 120 },
  resourcesFor: ({ prior }) => ({ memory: 4000 + memoryOfPrior(prior) }),
  async run(context, { dataset: description, prior: which, ...settings }, labels): Promise<DiagonalGaussian[]> {
    const { signal, onProgress } = context;
    const [prior, dataset] = [await keptGenerativePrior(context, which), openDataset(description)];
    const gaussians: DiagonalGaussian[] = [];
    for (const label of labels) {
      gaussians.push(await classGaussian(dataset, { ...settings, prior, label, signal, onProgress }));
    }
    return gaussians;
  },
});

const d3hrSet = stage({
  name: 'd3hr',
  version: 2,
  code: import.meta.url,
  uses: ['../../methods/generative/d3hr', './generative-prior'],
  parameters: setSettings,
  inputs: { gaussians: input<readonly DiagonalGaussian[]>() },
  resources: { threads: 1, minutes: 120 },
  resourcesFor: ({ prior }) => ({ memory: 4000 + memoryOfPrior(prior) }),
  async run(context, { dataset, prior: which, ...settings }, { gaussians }): Promise<DistilledSet> {
    const { signal, onProgress } = context;
    const prior = await keptGenerativePrior(context, which);
    return d3hr(openDataset(dataset), { ...settings, prior, gaussians, signal, onProgress });
  },
});

/** The stages of D3HR's set. @throws where a setting is none of its */
export function bindD3hr(settings: D3hrSetSettings): BoundStage<DistilledSet> {
  const { dataset, prior } = settings;
  const items = openDataset(dataset).classes.map((_, label) => label);
  const shared = classGaussianSettings.parse(settings);
  return d3hrSet.bind(settings, {
    inputs: { gaussians: classGaussians.bind({ ...shared, dataset, prior }, { items }) },
  });
}
