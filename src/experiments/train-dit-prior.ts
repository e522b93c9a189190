/** The DiT prior that ships in data/priors: trained on studio still lifes, on latents of the text-conditional prior. */
import { join } from 'node:path';
import { showProgress } from '../charts';
import { stillLife } from '../datasets';
import { LatentDiffusion, saveDitPrior, stillLifeDit, trainDitPrior } from '../diffusion';
import type { LongTask } from '../engine';
import { priorFolder } from './priors';

/** Trains and writes `home`/still-life-dit. Resumable at any point. */
export async function trainStillLifeDit({
  home,
  work,
  signal,
}: { home: string; work: string } & LongTask): Promise<void> {
  const world = stillLife({ split: 'train', perClass: 800, seed: 1, scenery: 'studio' });
  const { vae } = await LatentDiffusion.load(priorFolder('still-life'), { signal });
  const onProgress = showProgress(`Prior ${stillLifeDit.name}`);
  const trained = await trainDitPrior(stillLifeDit, world, { vae, work, signal, onProgress });
  await saveDitPrior(trained, {
    folder: join(home, stillLifeDit.name),
    data: '8,000 still lifes rendered by this project: stillLife({ split: "train", perClass: 800, seed: 1, scenery: "studio" }); experiments use seed 0',
    command: `npm run train:priors -- --only ${stillLifeDit.name}`,
  });
  trained.prior.dispose();
}
