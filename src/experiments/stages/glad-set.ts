/** GLaD: images whose latents are learned to match the mean features of their class. */
import { type DistilledSet, glad, gladSettings } from '../../methods';
import { stage } from '../../sweeps';
import { datasetSchema, openDataset } from '../datasets';
import { keptAutoencoder } from './autoencoder';
import { priorSchema } from './prior';
import { withCheckpoint, workSchema } from './unfinished-work';

export const gladSet = stage({
  name: 'glad-set',
  version: 1,
  code: import.meta.url,
  uses: ['../../methods/condensation/glad', './autoencoder', './unfinished-work'],
  parameters: gladSettings.extend({ dataset: datasetSchema, prior: priorSchema }),
  unkeyed: workSchema,
  resources: { threads: 1, memory: 4000, minutes: 600 },
  async run(context, { dataset: description, prior: which, ...settings }): Promise<DistilledSet> {
    const { signal, onProgress } = context;
    const dataset = openDataset(description);
    const prior = { vae: await keptAutoencoder(context, which) };
    return withCheckpoint(gladSet, context, [dataset.fingerprint, which.fingerprint, settings], (checkpoint) =>
      glad(dataset, { ...settings, prior, checkpoint, signal, onProgress }),
    );
  },
});
