/** DATM: images that lead students along experts' ways. */
import type { z } from 'zod';
import { datm, datmSettings, type DistilledSet } from '../../methods';
import { type BoundStage, input, stage, type StoredFile } from '../../sweeps';
import { type DatasetDescription, datasetSchema, openDataset } from '../datasets';
import { bindExperts, type ExpertsChoice, openTrajectories } from './expert-trajectories';
import { withCheckpoint, workSchema } from './unfinished-work';

const datmSet = stage({
  name: 'datm-set',
  version: 1,
  code: import.meta.url,
  uses: ['../../methods/trajectories/datm', '../../methods/trajectories/trajectory', './unfinished-work'],
  parameters: datmSettings.extend({ dataset: datasetSchema }),
  unkeyed: workSchema,
  inputs: { experts: input<readonly StoredFile[]>() },
  resources: { threads: 1, memory: 4000, minutes: 600 },
  async run(context, { dataset: description, ...settings }, { experts: files }): Promise<DistilledSet> {
    const { signal, onProgress } = context;
    const dataset = openDataset(description);
    const experts = await openTrajectories(context, files);
    const of = [dataset.fingerprint, settings, files.map(({ hash }) => hash)];
    return withCheckpoint(datmSet, context, of, (checkpoint) =>
      datm(dataset, { ...settings, experts, checkpoint, signal, onProgress }),
    );
  },
});

export interface DatmSetSettings extends z.input<typeof datmSettings> {
  dataset: DatasetDescription;
  experts?: ExpertsChoice;
}

/** Its paper's experts: toward flat minima, as FTD trains them (buffer_FTD.py, the README's command). */
const publishedExperts: ExpertsChoice = { epochs: 100, flat: { rho: 0.01, alpha: 0.3 } };

/** The stages of DATM's set. @throws where a setting is none of its, or none of the experts' */
export function bindDatm({ experts = publishedExperts, ...settings }: DatmSetSettings): BoundStage<DistilledSet> {
  const { dataset, size, network } = settings;
  return datmSet.bind(settings, { inputs: { experts: bindExperts(experts, { dataset, size, network }) } });
}
