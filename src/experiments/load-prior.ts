/** Opens a prior by name or folder. Apart from priors.ts, which stages import without a network. */
import { LatentDiffusion } from '../diffusion';
import type { LongTask } from '../engine';
import { priorFolder } from './priors';

/**
 * Opens a prior: one of data/priors by its name ('still-life'), or any folder in the diffusers layout.
 * @example const prior = await loadPrior('priors/photos');
 * @throws naming those that ship, when there is neither
 */
export const loadPrior = (nameOrFolder: string, task: LongTask = {}): Promise<LatentDiffusion> =>
  LatentDiffusion.load(priorFolder(nameOrFolder), task);
