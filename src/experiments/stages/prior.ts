/** The prior of a stage: named, and in the key by what its files hold. */
import { z } from 'zod';
import { join } from 'node:path';
import { LatentDiffusion } from '../../diffusion';
import { weightsBytes } from '../../models';
import type { StageContext } from '../../sweeps';
import { priorFolder, unchangedPriorFolder } from '../priors';

export const priorSchema = z.strictObject({
  /** Name in data/priors, or a folder. */
  name: z.string(),
  /** priorFingerprint of the folder. */
  fingerprint: z.string(),
});
export type StagePrior = z.infer<typeof priorSchema>;

/** Parts of a prior, with the names of their weights. */
const PARTS = {
  unet: 'diffusion_pytorch_model',
  transformer: 'diffusion_pytorch_model',
  vae: 'diffusion_pytorch_model',
  text_encoder: 'model',
  image_encoder: 'model',
} as const;

/** Memory that the weights of a prior take at most, in MiB: in float32, where its files may be float16. */
export function memoryOfPrior({ name }: StagePrior): number {
  const folder = priorFolder(name);
  const bytes = Object.entries(PARTS).map(([part, weights]) => weightsBytes(join(folder, part), weights));
  return Math.ceil((2 * bytes.reduce((sum, one) => sum + one)) / 2 ** 20);
}

/** A prior that takes more memory than this, in MiB, is a large one. */
const LARGE = 1000;

/**
 * Threads of one process that asks a prior. A small prior leaves a second thread half idle, so two processes with one each
 * are faster; of a large one only a few copies fit in memory.
 */
export const threadsOfPrior = (prior: StagePrior): number => (memoryOfPrior(prior) > LARGE ? 4 : 1);

/** Loads a prior, once per process. */
export const keptPrior = (context: Pick<StageContext, 'keep'>, prior: StagePrior): Promise<LatentDiffusion> =>
  context.keep(
    `prior ${prior.fingerprint}`,
    () => LatentDiffusion.load(unchangedPriorFolder(prior)),
    (loaded) => loaded.dispose(),
  );
