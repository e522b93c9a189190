/** The autoencoder of a stage's prior, be that under text or under labels. */
import { join } from 'node:path';
import { loadAutoencoder } from '../../diffusion';
import type { AutoencoderKL } from '../../models';
import type { StageContext } from '../../sweeps';
import { unchangedPriorFolder } from '../priors';
import type { StagePrior } from './prior';

/** Loads the autoencoder alone, once per process. */
export const keptAutoencoder = (context: Pick<StageContext, 'keep'>, prior: StagePrior): Promise<AutoencoderKL> =>
  context.keep(
    `autoencoder ${prior.fingerprint}`,
    () => loadAutoencoder(join(unchangedPriorFolder(prior), 'vae')),
    (autoencoder) => autoencoder.dispose(),
  );
