/** TESLA: images that lead students along experts' ways. */
import type { z } from 'zod';
import { tesla, teslaSettings, type DistilledSet } from '../../methods';
import { type BoundStage, input, stage, type StoredFile } from '../../sweeps';
import { type DatasetDescription, datasetSchema, openDataset } from '../datasets';
import { bindExperts, type ExpertsChoice, openTrajectories } from './expert-trajectories';
import { withCheckpoint, workSchema } from './unfinished-work';

const teslaSet = stage({
  name: 'tesla-set',
  version: 1,
  code: import.meta.url,
  uses: ['../../methods/trajectories/tesla', '../../methods/trajectories/trajectory', './unfinished-work'],
  parameters: teslaSettings.extend({ dataset: datasetSchema }),
  unkeyed: workSchema,
  inputs: { experts: input<readonly StoredFile[]>() },
  resources: { threads: 1, memory: 4000, minutes: 600 },
  async run(context, { dataset: description, ...settings }, { experts: files }): Promise<DistilledSet> {
    const { signal, onProgress } = context;
    const dataset = openDataset(description);
    const experts = await openTrajectories(context, files);
    const of = [dataset.fingerprint, settings, files.map(({ hash }) => hash)];
    return withCheckpoint(teslaSet, context, of, (checkpoint) =>
      tesla(dataset, { ...settings, experts, checkpoint, signal, onProgress }),
    );
  },
});

export interface TeslaSetSettings extends z.input<typeof teslaSettings> {
  dataset: DatasetDescription;
  experts?: ExpertsChoice;
}

/** The stages of TESLA's set. @throws where a setting is none of its, or none of the experts' */
export function bindTesla({ experts = {}, ...settings }: TeslaSetSettings): BoundStage<DistilledSet> {
  const { dataset, size, network } = settings;
  return teslaSet.bind(settings, { inputs: { experts: bindExperts(experts, { dataset, size, network }) } });
}
