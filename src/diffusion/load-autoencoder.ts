/** The autoencoder of a prior, or on its own. */
import { join } from 'node:path';
import type { LongTask } from '../engine';
import { AutoencoderKL, loadGradually, openWeights, readJson } from '../models';

/** Reads a folder of the diffusers layout with config.json and weights, such as the `vae/` of any prior. */
export async function loadAutoencoder(folder: string, { signal }: LongTask = {}): Promise<AutoencoderKL> {
  const autoencoder = new AutoencoderKL(readJson(join(folder, 'config.json')));
  try {
    await loadGradually(autoencoder, openWeights(folder, 'diffusion_pytorch_model'), { signal });
    return autoencoder;
  } catch (error) {
    autoencoder.dispose();
    throw error;
  }
}
