/** Herding in the features of the teacher that labels the students. */
import { type DistilledSet, herdingSelection, herdingSettings } from '../../methods';
import { input, stage } from '../../sweeps';
import { datasetSchema, openDataset } from '../datasets';
import { type StoredTeacher, withTeacher } from './teacher';

export const herdingSelected = stage({
  name: 'herding-selection',
  version: 1,
  code: import.meta.url,
  uses: ['../../methods/coresets/herding', './teacher'],
  parameters: herdingSettings.extend({ dataset: datasetSchema }),
  inputs: { observer: input<StoredTeacher>() },
  resources: { threads: 1, memory: 2000 },
  run: (context, { dataset, ...settings }, { observer: stored }): Promise<DistilledSet> =>
    withTeacher(context, stored, (observer) =>
      herdingSelection(openDataset(dataset), {
        ...settings,
        observer,
        signal: context.signal,
        onProgress: context.onProgress,
      }),
    ),
});
