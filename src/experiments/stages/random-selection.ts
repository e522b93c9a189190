/** The control: random images, or random patches in mosaics, of the same budget. */
import { type DistilledSet, randomSelection, randomSettings } from '../../methods';
import { stage } from '../../sweeps';
import { datasetSchema, openDataset } from '../datasets';

export const randomControl = stage({
  name: 'random-selection',
  version: 1,
  code: import.meta.url,
  uses: ['../../methods/random-selection', '../../methods/compose'],
  parameters: randomSettings.extend({ dataset: datasetSchema }),
  run: (context, { dataset, ...settings }): Promise<DistilledSet> =>
    randomSelection(openDataset(dataset), { ...settings, signal: context.signal }),
});
