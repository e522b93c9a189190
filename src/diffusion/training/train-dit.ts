/** Training of a class-conditional prior: autoencoder, then a DiT on its latents; resumable. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fingerprint, type ImageDataset, loadImages } from '../../datasets';
import { type LongTask, RandomStream } from '../../engine';
import { AutoencoderKL, DiT, type TrainingReport, type TrainModuleOptions, trainModule } from '../../models';
import { ClassConditionalDiffusion } from '../class-conditional';
import { DenoisingLoss } from '../denoising-loss';
import { LEARNED_VARIANCE_SCHEDULE, NoiseSchedule } from '../schedules';
import { trainAutoencoder } from './autoencoder';
import type { DitRecipe } from './dit-recipe';
import { encodeDataset, type ImageLatents, latentBatch } from './image-latents';
import { drawIndices } from './images';
import { scaleOfLatents } from './latents';

export interface DitTraining
  extends LongTask,
    Pick<TrainModuleOptions, 'steps' | 'learningRate' | 'checkpoint' | 'emaDecay' | 'precision'> {
  seed: number;
  batch: number;
  schedule: NoiseSchedule;
  /** Share of the batch that sees the null class. */
  classDropout: number;
  /** γ of Min-SNR (see DenoisingLoss). Default: none. */
  minSnr?: number | undefined;
}

/** Minimises ‖ε − ε_θ(z_t, t, c)‖² plus the bound for the variance (Peebles & Xie 2023), sampling the posteriors. */
export async function trainDit(
  dit: DiT,
  latents: ImageLatents,
  { seed, batch, schedule, classDropout, minSnr, ...options }: DitTraining,
): Promise<TrainingReport> {
  const losses = new DenoisingLoss(schedule, { minSnr });
  return trainModule(dit, {
    label: 'DiT',
    clipNorm: 1,
    ...options,
    // DiT is trained without weight decay.
    weightDecay: 0,
    loss(step) {
      const stream = new RandomStream(seed, 'DiT', step);
      const indices = drawIndices(stream, latents.shape[0], batch);
      const drawn = latentBatch(latents, indices, stream, { schedule, nullClass: dit.nullClass, classDropout });
      return losses.terms(dit, drawn).loss;
    },
  });
}

export interface TrainDitPriorOptions extends LongTask {
  /** Folder for the checkpoints of an unfinished training. */
  work: string;
}

/** Report of a training, for the prior's card. */
export interface DitReport {
  recipe: DitRecipe;
  images: { count: number; size: number; fingerprint: string };
  parameters: { vae: number; transformer: number };
  autoencoder: TrainingReport;
  transformer: TrainingReport;
}

/** Trains an autoencoder by `recipe` on all images, then a DiT on their latents. */
export async function trainDitPrior(
  recipe: DitRecipe,
  dataset: ImageDataset,
  { work, signal, onProgress }: TrainDitPriorOptions,
): Promise<{ prior: ClassConditionalDiffusion; report: DitReport }> {
  const { name, seed, mirror, training } = recipe;
  const { classes, size } = dataset;
  const of = fingerprint(JSON.stringify(recipe), dataset.fingerprint);
  const folder = join(work, `${name}-${of.slice(0, 12)}`);
  mkdirSync(folder, { recursive: true });
  const part = (file: string) => ({
    seed,
    checkpoint: { file: join(folder, `${file}.safetensors`) },
    signal,
    onProgress,
  });

  const vae = new AutoencoderKL(recipe.autoencoder.config, { seed });
  const { pixels, labels } = await loadImages(dataset, { signal, onProgress });
  const images = { pixels, labels, count: labels.length, height: size, width: size };
  const autoencoder = await trainAutoencoder(vae, images, { ...recipe.autoencoder.training, ...part('vae'), mirror });
  vae.config.scaling_factor = 1;
  const latents = await encodeDataset(vae, dataset, { mirror, signal, onProgress });
  vae.config.scaling_factor = toUnitVariance(latents);

  const transformer = new DiT({ ...recipe.transformer, num_embeds_ada_norm: classes.length }, { seed });
  const schedule = new NoiseSchedule(LEARNED_VARIANCE_SCHEDULE);
  const report = await trainDit(transformer, latents, { ...training, ...part('transformer'), schedule });
  return {
    prior: new ClassConditionalDiffusion({ transformer, vae, schedule, classes }),
    report: {
      recipe,
      images: { count: labels.length, size, fingerprint: of },
      parameters: { vae: vae.parameterCount, transformer: transformer.parameterCount },
      autoencoder,
      transformer: report,
    },
  };
}

/** Scales latents in place, as the noise schedule expects them. @returns the factor */
function toUnitVariance({ mean, deviation, mirrored }: ImageLatents): number {
  const scale = scaleOfLatents(mean);
  for (const values of [mean, deviation, ...(mirrored ? [mirrored.mean, mirrored.deviation] : [])]) {
    for (let i = 0; i < values.length; i++) values[i]! *= scale;
  }
  return scale;
}
