/** The prior of a stage that generates, be it under text or under labels. */
import { ClassConditionalDiffusion, LatentDiffusion } from '../../diffusion';
import type { GenerativePrior } from '../../methods';
import { readJson } from '../../models';
import type { StageContext } from '../../sweeps';
import { join } from 'node:path';
import { unchangedPriorFolder } from '../priors';
import type { StagePrior } from './prior';

/** Loads a prior of either kind, once per process. */
export const keptGenerativePrior = (context: Pick<StageContext, 'keep'>, prior: StagePrior): Promise<GenerativePrior> =>
  context.keep(
    `generative prior ${prior.fingerprint}`,
    async (): Promise<GenerativePrior> => {
      const folder = unchangedPriorFolder(prior);
      const kind =
        'transformer' in readJson(join(folder, 'model_index.json')) ? ClassConditionalDiffusion : LatentDiffusion;
      return kind.load(folder);
    },
    (loaded) => loaded.dispose(),
  );
