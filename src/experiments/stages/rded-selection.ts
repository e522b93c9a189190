/** RDED's selection, judged by the teacher that labels the students. */
import { type DistilledSet, rdedSelection, rdedSettings } from '../../methods';
import { input, stage } from '../../sweeps';
import { datasetSchema, openDataset } from '../datasets';
import { type StoredTeacher, withTeacher } from './teacher';

export const rdedSelected = stage({
  name: 'rded-selection',
  version: 1,
  code: import.meta.url,
  uses: ['../../methods/rded', './teacher'],
  parameters: rdedSettings.extend({ dataset: datasetSchema }),
  inputs: { observer: input<StoredTeacher>() },
  resources: { threads: 1, memory: 2000 },
  run: (context, { dataset, ...settings }, { observer: stored }): Promise<DistilledSet> =>
    withTeacher(context, stored, (observer) =>
      rdedSelection(openDataset(dataset), {
        ...settings,
        observer,
        signal: context.signal,
        onProgress: context.onProgress,
      }),
    ),
});
