/** The DiT prior that ships in data/priors: autoencoder and transformer, trained on studio still lifes. */
import { join } from 'node:path';
import { showProgress } from '../charts';
import { stillLife } from '../datasets';
import { saveDitPrior, stillLifeDit, trainDitPrior } from '../diffusion';
import type { LongTask } from '../engine';

/** Trains and writes `home`/still-life-dit. Resumable at any point. */
export async function trainStillLifeDit({
  home,
  work,
  signal,
}: { home: string; work: string } & LongTask): Promise<void> {
  const world = stillLife({ split: 'train', perClass: 800, seed: 1, scenery: 'studio' });
  const onProgress = showProgress(`Prior ${stillLifeDit.name}`);
  const trained = await trainDitPrior(stillLifeDit, world, { work, signal, onProgress });
  await saveDitPrior(trained, {
    folder: join(home, stillLifeDit.name),
    data: '8,000 still lifes rendered by this project: stillLife({ split: "train", perClass: 800, seed: 1, scenery: "studio" }); experiments use seed 0',
    command: `npm run train:priors -- --only ${stillLifeDit.name}`,
  });
  trained.prior.dispose();
}
