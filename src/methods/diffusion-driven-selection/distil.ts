/** The whole method: score, cluster, select, compose (paper 001, algorithm 1). */
import { imagesToTensor, type ImageDataset, loadImages } from '../../datasets';
import {
  type DifferentialLosses,
  type DiffusionFeatureOptions,
  differentialLosses,
  diffusionFeatures,
  type FeatureMaps,
  type LatentDiffusion,
  type Latents,
  timestepsIn,
} from '../../diffusion';
import { breathe, type LongTask, tf } from '../../engine';
import { composeImages } from '../compose';
import type { DistilledSet, PatchSource } from '../distilled-set';
import { mosaicFactor } from './allocate';
import { type ClassScores, type Selection, selectPatches } from './select';
import { type FeatureSettings, labelPrompt, type ScoreSettings, type SelectSettings } from './settings';

/** The images of one class, in the dataset they come from. */
export interface ClassImages {
  dataset: ImageDataset;
  label: number;
  /** Their positions in the dataset. */
  images: readonly number[];
}

/** Latents of a class's images at the dataset's size (open it at 256 pixels or more for Stable Diffusion). */
export async function encodeClass(
  prior: LatentDiffusion,
  { dataset, images }: ClassImages,
  { signal }: LongTask = {},
): Promise<Latents> {
  const batch = 32;
  const parts: Float32Array[] = [];
  let shape: readonly number[] = [];
  for (let start = 0; start < images.length; start += batch) {
    await breathe(signal);
    const { pixels, size } = await loadImages(dataset.subset(images.slice(start, start + batch)));
    const count = pixels.length / (size * size * 3);
    const rows = Array.from({ length: count }, (_, i) => ({
      data: pixels.subarray(i * size * size * 3, (i + 1) * size * size * 3),
      height: size,
      width: size,
    }));
    const latents = tf.tidy(() => prior.encodeImages(imagesToTensor(rows, { range: [-1, 1] })));
    shape = latents.shape.slice(1);
    parts.push(Float32Array.from(await latents.data<'float32'>()));
    latents.dispose();
  }
  const values = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    values.set(part, at);
    at += part.length;
  }
  return { values, shape: [images.length, shape[0]!, shape[1]!, shape[2]!] };
}

/** Stage I's losses of a class, per timestep (equation 6). */
export async function scoreClass(
  prior: LatentDiffusion,
  chosen: ClassImages,
  latents: Latents,
  { timestepRange, draws, prompt, nullPrompt, seed, ...task }: ScoreSettings & LongTask,
): Promise<DifferentialLosses> {
  const { dataset, label, images } = chosen;
  return differentialLosses(
    prior,
    latents,
    images.map((image) => dataset.id(image)),
    {
      timesteps: timestepsIn({ range: timestepRange, draws, trainTimesteps: prior.schedule.timesteps }),
      prompts: { label: labelPrompt(prompt, dataset.classes[label]!), null: nullPrompt },
      seed,
      ...task,
    },
  );
}

/** Stage II's features of a class: of whole images, to be pooled under each patch. */
export async function featuresOfClass(
  prior: LatentDiffusion,
  { dataset, label, images }: ClassImages,
  latents: Latents,
  {
    featureTimestep,
    upBlock,
    ensemble,
    prompt,
    seed,
    ...task
  }: FeatureSettings & Pick<ScoreSettings, 'prompt' | 'seed'> & LongTask,
): Promise<FeatureMaps> {
  const options: DiffusionFeatureOptions = {
    prompt: labelPrompt(prompt, dataset.classes[label]!),
    timestep: featureTimestep,
    upBlock,
    ensemble,
    seed,
    ...task,
  };
  return diffusionFeatures(
    prior,
    latents,
    images.map((image) => dataset.id(image)),
    options,
  );
}

/** What was computed of each class, in label order. */
export interface Distillation {
  set: DistilledSet;
  /** Candidates, clusters and picks of each class: why each patch is there. */
  selections: Selection[];
}

/**
 * Cuts a distilled set out of stored scores: no pass through the prior, so another IPC, patch size or cluster count is
 * a lookup (the one-step property of section 4.4).
 * @param scores one entry a class, in label order
 */
export async function distilFromScores(
  dataset: ImageDataset,
  scores: readonly ClassScores[],
  settings: SelectSettings & { size?: number },
  { signal, onProgress }: LongTask = {},
): Promise<Distillation> {
  const { size = dataset.size, imagesPerClass } = settings;
  const factor = settings.patchSize === 'image' ? 1 : mosaicFactor(imagesPerClass);
  const selections: Selection[] = [];
  const images: DistilledSet['images'] = [];
  for (const [label, classScores] of scores.entries()) {
    await breathe(signal);
    const selection = selectPatches(classScores, settings);
    selections.push(selection);
    images.push(...(await composeImages(dataset, sourcesOf(dataset, selection), { label, size, factor })));
    onProgress?.({ label: 'Selecting', done: label + 1, total: scores.length });
  }
  const set: DistilledSet = {
    method: 'diffusion-driven selection',
    classes: [...dataset.classes],
    imagesPerClass,
    size,
    factor,
    settings: { ...settings },
    dataset: { name: dataset.name, fingerprint: dataset.fingerprint },
    images,
  };
  return { set, selections };
}

/** The picked patches with their provenance, in order. */
function sourcesOf(dataset: ImageDataset, { patches, picks }: Selection): PatchSource[] {
  return picks.map(({ patch, cluster, rank }) => {
    const { image, box, score } = patches[patch]!;
    return { image, id: dataset.id(image), box, score, cluster, rank };
  });
}
