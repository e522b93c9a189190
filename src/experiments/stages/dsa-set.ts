/** DSA: images that match the gradients of their class. */
import { type DistilledSet, gradientMatching, dsaSettings } from '../../methods';
import { stage } from '../../sweeps';
import { datasetSchema, openDataset } from '../datasets';
import { withCheckpoint, workSchema } from './unfinished-work';

export const dsaSet = stage({
  name: 'dsa-set',
  version: 1,
  code: import.meta.url,
  uses: ['../../methods/condensation/dsa', './unfinished-work'],
  parameters: dsaSettings.extend({ dataset: datasetSchema }),
  unkeyed: workSchema,
  resources: { threads: 1, memory: 4000, minutes: 600 },
  run(context, { dataset: description, ...settings }): Promise<DistilledSet> {
    const { signal, onProgress } = context;
    const dataset = openDataset(description);
    return withCheckpoint(dsaSet, context, [dataset.fingerprint, settings], (checkpoint) =>
      gradientMatching(dataset, { ...settings, checkpoint, signal, onProgress }),
    );
  },
});
