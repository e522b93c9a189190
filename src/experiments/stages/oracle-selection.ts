/** The ceiling and the floor of a benchmark with ground truth: crops of the object by its mask, and crops that miss it. */
import { type DistilledSet, oracleSelection, oracleSettings } from '../../methods';
import { stage } from '../../sweeps';
import { annotated } from '../../datasets';
import { datasetSchema, openDataset } from '../datasets';

export const oracleControl = stage({
  name: 'oracle-selection',
  version: 1,
  code: import.meta.url,
  uses: ['../../methods/oracle-selection', '../../methods/compose'],
  parameters: oracleSettings.extend({ dataset: datasetSchema }),
  run: ({ signal, onProgress }, { dataset, ...settings }): Promise<DistilledSet> =>
    oracleSelection(annotated(openDataset(dataset)), { ...settings, signal, onProgress }),
});
