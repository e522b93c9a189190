/** IDM: images that match the mean features of their class in networks in training. */
import { type DistilledSet, idmSettings, improvedDistributionMatching } from '../../methods';
import { stage } from '../../sweeps';
import { datasetSchema, openDataset } from '../datasets';
import { withCheckpoint, workSchema } from './unfinished-work';

export const idmSet = stage({
  name: 'idm-set',
  version: 1,
  code: import.meta.url,
  uses: ['../../methods/condensation/idm', './unfinished-work'],
  parameters: idmSettings.extend({ dataset: datasetSchema }),
  unkeyed: workSchema,
  resources: { threads: 1, memory: 4000, minutes: 600 },
  run(context, { dataset: description, ...settings }): Promise<DistilledSet> {
    const { signal, onProgress } = context;
    const dataset = openDataset(description);
    return withCheckpoint(idmSet, context, [dataset.fingerprint, settings], (checkpoint) =>
      improvedDistributionMatching(dataset, { ...settings, checkpoint, signal, onProgress }),
    );
  },
});
