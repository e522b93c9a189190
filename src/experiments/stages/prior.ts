/** The prior of a stage: named, and in the key by what its files hold. */
import { z } from 'zod';
import { LatentDiffusion } from '../../diffusion';
import type { StageContext } from '../../sweeps';
import { priorFolder } from '../priors';

export const priorSchema = z.object({
  /** Name in data/priors, or a folder. */
  name: z.string(),
  /** priorFingerprint of the folder. */
  fingerprint: z.string(),
});
export type StagePrior = z.infer<typeof priorSchema>;

/** Loads a prior, once per process. */
export const keptPrior = (
  context: Pick<StageContext, 'keep'>,
  { name, fingerprint }: StagePrior,
): Promise<LatentDiffusion> =>
  context.keep(
    `prior ${fingerprint}`,
    () => LatentDiffusion.load(priorFolder(name)),
    (prior) => prior.dispose(),
  );
