/** Training of a class-conditional prior (DiT) on the latents of an existing autoencoder; resumable. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fingerprint, type ImageDataset } from '../../datasets';
import { type LongTask, RandomStream } from '../../engine';
import { type AutoencoderKL, DiT, type TrainingReport, type TrainModuleOptions, trainModule } from '../../models';
import { ClassConditionalDiffusion } from '../class-conditional';
import { DenoisingLoss } from '../denoising-loss';
import { LEARNED_VARIANCE_SCHEDULE, NoiseSchedule } from '../schedules';
import type { DitRecipe } from './dit-recipe';
import { encodeDataset, type ImageLatents, latentBatch } from './image-latents';
import { drawIndices } from './images';

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
  /** Trained on images of the same kind. It becomes part of the prior. */
  vae: AutoencoderKL;
  /** Folder for the checkpoint of an unfinished training. */
  work: string;
}

/** Report of a training, for the prior's card. */
export interface DitReport extends TrainingReport {
  recipe: DitRecipe;
  images: { count: number; size: number; fingerprint: string };
  parameters: { vae: number; transformer: number };
}

/** Encodes all images, trains a DiT by `recipe` on their latents, and returns it with the autoencoder as a prior. */
export async function trainDitPrior(
  recipe: DitRecipe,
  dataset: ImageDataset,
  { vae, work, signal, onProgress }: TrainDitPriorOptions,
): Promise<{ prior: ClassConditionalDiffusion; report: DitReport }> {
  const { name, seed, mirror, training } = recipe;
  const { classes, size } = dataset;
  const transformer = new DiT({ ...recipe.transformer, num_embeds_ada_norm: classes.length }, { seed });
  const schedule = new NoiseSchedule(LEARNED_VARIANCE_SCHEDULE);
  const prior = new ClassConditionalDiffusion({ transformer, vae, schedule, classes });
  const latents = await encodeDataset(vae, dataset, { mirror, size: prior.imageSize, signal, onProgress });
  const of = fingerprint(JSON.stringify(recipe), dataset.fingerprint, new Uint8Array(latents.mean.buffer));
  const folder = join(work, `${name}-${of.slice(0, 12)}`);
  mkdirSync(folder, { recursive: true });
  const checkpoint = { file: join(folder, 'transformer.safetensors') };
  const report = await trainDit(transformer, latents, { ...training, seed, schedule, checkpoint, signal, onProgress });
  return {
    prior,
    report: {
      ...report,
      recipe,
      images: { count: dataset.labels.length, size, fingerprint: of },
      parameters: { vae: vae.parameterCount, transformer: transformer.parameterCount },
    },
  };
}
