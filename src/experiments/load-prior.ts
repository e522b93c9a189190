/** Opens a prior by name or folder. Not in priors.ts, so that stages can import that without any network. */
import { LatentDiffusion } from '../diffusion';
import type { LongTask } from '../engine';
import { priorFolder } from './priors';

/**
 * Opens a prior: one of data/priors by its name ('still-life'), or any folder in the diffusers layout.
 * @example const prior = await loadPrior('priors/photos');
 * @throws Error listing the priors that ship, if there is no such prior or folder
 */
export const loadPrior = (nameOrFolder: string, task: LongTask = {}): Promise<LatentDiffusion> =>
  LatentDiffusion.load(priorFolder(nameOrFolder), task);
