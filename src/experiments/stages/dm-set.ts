/** DM: images that match the mean features of their class. */
import { type DistilledSet, distributionMatching, dmSettings } from '../../methods';
import { stage } from '../../sweeps';
import { datasetSchema, openDataset } from '../datasets';
import { withCheckpoint, workSchema } from './unfinished-work';

export const dmSet = stage({
  name: 'dm-set',
  version: 1,
  code: import.meta.url,
  uses: ['../../methods/condensation/dm', './unfinished-work'],
  parameters: dmSettings.extend({ dataset: datasetSchema }),
  unkeyed: workSchema,
  resources: { threads: 1, memory: 4000, minutes: 600 },
  run(context, { dataset: description, ...settings }): Promise<DistilledSet> {
    const { signal, onProgress } = context;
    const dataset = openDataset(description);
    return withCheckpoint(dmSet, context, [dataset.fingerprint, settings], (checkpoint) =>
      distributionMatching(dataset, { ...settings, checkpoint, signal, onProgress }),
    );
  },
});
