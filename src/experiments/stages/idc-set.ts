/** IDC-1: images that match the gradients of their class in networks trained on real images. */
import { type DistilledSet, idc, idcSettings } from '../../methods';
import { stage } from '../../sweeps';
import { datasetSchema, openDataset } from '../datasets';
import { withCheckpoint, workSchema } from './unfinished-work';

export const idcSet = stage({
  name: 'idc-set',
  version: 1,
  code: import.meta.url,
  uses: ['../../methods/condensation/idc', './unfinished-work'],
  parameters: idcSettings.extend({ dataset: datasetSchema }),
  unkeyed: workSchema,
  resources: { threads: 1, memory: 4000, minutes: 600 },
  run(context, { dataset: description, ...settings }): Promise<DistilledSet> {
    const { signal, onProgress } = context;
    const dataset = openDataset(description);
    return withCheckpoint(idcSet, context, [dataset.fingerprint, settings], (checkpoint) =>
      idc(dataset, { ...settings, checkpoint, signal, onProgress }),
    );
  },
});
