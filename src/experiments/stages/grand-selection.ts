/** GraNd by the gradients of the teacher that labels the students. */
import { type DistilledSet, grandSelection, grandSettings } from '../../methods';
import { input, stage } from '../../sweeps';
import { datasetSchema, openDataset } from '../datasets';
import { type StoredTeacher, withTeacher } from './teacher';

export const grandSelected = stage({
  name: 'grand-selection',
  version: 1,
  code: import.meta.url,
  uses: ['../../methods/coresets/grand', './teacher'],
  parameters: grandSettings.extend({ dataset: datasetSchema }),
  inputs: { observer: input<StoredTeacher>() },
  resources: { threads: 1, memory: 2000 },
  run: (context, { dataset, ...settings }, { observer: stored }): Promise<DistilledSet> =>
    withTeacher(context, stored, (observer) =>
      grandSelection(openDataset(dataset), {
        ...settings,
        observers: [observer],
        signal: context.signal,
        onProgress: context.onProgress,
      }),
    ),
});
