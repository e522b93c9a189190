/** One configuration the way a script does it: the prior loaded, every loss and feature computed, nothing kept. */
import { LatentDiffusion } from '../../diffusion';
import type { LongTask } from '../../engine';
import { type Distillation, distil } from '../../methods';
import { priorFolder } from '../priors';
import type { SelectionAblation, SelectionSettings } from './selection';

export interface FromScratch {
  distillation: Distillation;
  /** Wall time, seconds: of loading the prior, and of the work on the classes that were asked for. */
  loading: number;
  seconds: number;
}

/**
 * Distils the first `classes` classes with the same settings as the ablation's stages, and without its store.
 * @param seed of the clustering
 */
export async function fromScratch(
  { options, bind, pool }: Pick<SelectionAblation, 'options' | 'bind' | 'pool'>,
  settings: SelectionSettings,
  { classes, seed, ...task }: { classes: number; seed: number } & LongTask,
): Promise<FromScratch> {
  const started = performance.now();
  const prior = await LatentDiffusion.load(priorFolder(options.prior));
  const loaded = performance.now();
  const { dataset: _, prior: __, ...chosen } = bind(settings, seed).settings;
  const labels = Array.from({ length: classes }, (_, label) => label);
  try {
    const distillation = await distil(prior, pool, chosen, { labels, ...task });
    return { distillation, loading: (loaded - started) / 1000, seconds: (performance.now() - loaded) / 1000 };
  } finally {
    prior.dispose();
  }
}
