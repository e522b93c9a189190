/** One configuration the way a script does it: the prior loaded, every loss and feature computed, nothing kept. */
import { z } from 'zod';
import { LatentDiffusion } from '../../diffusion';
import {
  type ClassScores,
  type Distillation,
  distilFromScores,
  encodeClass,
  featuresOfClass,
  scoreClass,
} from '../../methods';
import { openDataset } from '../datasets';
import { priorFolder } from '../priors';
import { joinLosses, type Piece } from '../stages';
import type { SelectionAblation, SelectionSettings } from './selection';

const scoreParameters = z.object({
  timestepRange: z.tuple([z.number(), z.number()]),
  draws: z.number(),
  seed: z.number(),
  prompt: z.string(),
  nullPrompt: z.string(),
});
const featureParameters = z.object({
  featureTimestep: z.number(),
  upBlock: z.number(),
  ensemble: z.number(),
  seed: z.number(),
  prompt: z.string(),
});

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
  { options, whole }: SelectionAblation,
  settings: SelectionSettings,
  { classes, seed, signal }: { classes: number; seed: number; signal?: AbortSignal },
): Promise<FromScratch> {
  const started = performance.now();
  const dataset = openDataset(options.dataset);
  const prior = await LatentDiffusion.load(priorFolder(options.prior));
  const loaded = performance.now();
  const [from, to] = settings.timestepRange;
  const bands = whole.losses
    .map((stage, i) => ({ ...scoreParameters.parse(stage.parameters), timesteps: whole.bands[i]! }))
    .filter(({ timestepRange: [low, high] }) => low >= from - 1e-6 && high <= to + 1e-6);
  const featureSettings = featureParameters.parse(whole.features.parameters);
  const task = signal ? { signal } : {};
  const scores: ClassScores[] = [];
  try {
    for (let label = 0; label < classes; label++) {
      const images = Array.from(dataset.labels.keys()).filter((i) => dataset.labels[i] === label);
      const chosen = { dataset, label, images };
      const latents = await encodeClass(prior, chosen, task);
      const stored = [];
      for (const { timesteps, ...band } of bands) {
        const { values, shape } = await scoreClass(prior, chosen, latents, { ...band, ...task });
        const one = values.length / images.length;
        const pieces: Piece[] = images.map((_, k) => ({
          shape: shape.slice(1),
          data: values.subarray(k * one, (k + 1) * one),
        }));
        stored.push({ timesteps, pieces });
      }
      const features = await featuresOfClass(prior, chosen, latents, { ...featureSettings, ...task });
      const { size: height, size: width } = dataset;
      scores.push({ images, losses: joinLosses(stored, [...images.keys()]), features, height, width });
    }
    const distillation = await distilFromScores(
      dataset,
      scores,
      { patchesPerImage: 5, topClusters: options.topClusters, ...settings, seed },
      task,
    );
    return { distillation, loading: (loaded - started) / 1000, seconds: (performance.now() - loaded) / 1000 };
  } finally {
    prior.dispose();
  }
}
