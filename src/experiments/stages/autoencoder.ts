/** The autoencoder of a stage's prior, be that under text or under labels. */
import { join } from 'node:path';
import { loadAutoencoder } from '../../diffusion';
import type { AutoencoderKL } from '../../models';
import type { StageContext } from '../../sweeps';
import { priorFolder } from '../priors';
import type { StagePrior } from './prior';

/** Loads the autoencoder alone, once per process. */
export const keptAutoencoder = (
  context: Pick<StageContext, 'keep'>,
  { name, fingerprint }: StagePrior,
): Promise<AutoencoderKL> =>
  context.keep(
    `autoencoder ${fingerprint}`,
    () => loadAutoencoder(join(priorFolder(name), 'vae')),
    (autoencoder) => autoencoder.dispose(),
  );
