/** The autoencoder of a stage's prior, be that under text or under labels. */
import { join } from 'node:path';
import { AutoencoderKL, loadGradually, openWeights, readJson } from '../../models';
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
    async () => {
      const folder = join(priorFolder(name), 'vae');
      const autoencoder = new AutoencoderKL(readJson(join(folder, 'config.json')));
      try {
        await loadGradually(autoencoder, openWeights(folder, 'diffusion_pytorch_model'));
      } catch (error) {
        autoencoder.dispose();
        throw error;
      }
      return autoencoder;
    },
    (autoencoder) => autoencoder.dispose(),
  );
