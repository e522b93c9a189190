/**
 * The papers' work as stages that are computed once: losses and features a piece an image, everything after them a
 * function of these. What an ablation changes (timesteps, patch size, clusters, IPC) lies after them, so it costs no
 * pass through the prior.
 */
import { z } from 'zod';
import type { ImageDataset } from '../datasets';
import { type DifferentialLosses, type FeatureMaps, LatentDiffusion, type Latents } from '../diffusion';
import {
  type ClassImages,
  type ClassScores,
  type Distillation,
  type DistilledSet,
  distilFromScores,
  encodeClass,
  type FeatureSettings,
  featuresOfClass,
  randomSelection,
  randomSettings,
  scoreClass,
} from '../methods';
import { input, inputList, mapStage, type StageContext, stage } from '../sweeps';
import { type DatasetDescription, datasetSchema, openDataset } from './datasets';
import { priorFolder } from './priors';

const science = ['../diffusion/noise-loss', '../diffusion/features', '../methods/diffusion-driven-selection'];

const priorSchema = z.object({
  /** Name in data/priors, or a folder. */
  name: z.string(),
  /** priorFingerprint of the folder. */
  fingerprint: z.string(),
});

const imageSchema = z.object({
  /** Content fingerprint: what the piece is stored under. */
  id: z.string(),
  /** Class name: the prompts hold it. */
  className: z.string(),
  index: z.int(),
  label: z.int(),
});
type ImageItem = z.infer<typeof imageSchema>;

/** All images of a dataset as items of a mapped stage. */
export const imageItems = (dataset: ImageDataset): ImageItem[] =>
  Array.from(dataset.labels, (label, index) => ({
    id: dataset.id(index),
    className: dataset.classes[label]!,
    index,
    label,
  }));

const identity = ({ id, className }: ImageItem): string => `${id}/${className}`;

/** Array of one image, as pieces are stored. */
export interface Piece {
  shape: number[];
  data: Float32Array;
}

const prompts = { prompt: z.string().default('An image of {}'), nullPrompt: z.string().default('An image of .') };

const loadPrior = (
  context: StageContext<unknown>,
  { name, fingerprint }: z.infer<typeof priorSchema>,
): Promise<LatentDiffusion> =>
  context.keep(
    `prior ${fingerprint}`,
    () => LatentDiffusion.load(priorFolder(name)),
    (prior) => prior.dispose(),
  );

/** Asks the prior about the images of each class, as latents, and puts its arrays back into the items' order. */
async function byClass(
  context: StageContext<{ dataset: DatasetDescription }>,
  { prior: which }: { prior: z.infer<typeof priorSchema> },
  items: readonly ImageItem[],
  ask: (
    prior: LatentDiffusion,
    chosen: ClassImages,
    latents: Latents,
  ) => Promise<{ values: Float32Array; shape: readonly number[] }>,
): Promise<Piece[]> {
  const prior = await loadPrior(context, which);
  const dataset = openDataset(context.unkeyed.dataset);
  const pieces: Piece[] = new Array(items.length);
  for (const label of new Set(items.map((item) => item.label))) {
    const places = items.flatMap((item, place) => (item.label === label ? [place] : []));
    const chosen = { dataset, label, images: places.map((place) => items[place]!.index) };
    const { values, shape } = await ask(prior, chosen, await encodeClass(prior, chosen, context));
    const one = values.length / places.length;
    for (const [k, place] of places.entries()) {
      pieces[place] = { shape: shape.slice(1), data: values.slice(k * one, (k + 1) * one) };
    }
  }
  return pieces;
}

/** Differential noise losses of each image at each timestep of a range (paper 001, equation 6). */
export const noiseLosses = mapStage({
  name: 'noise-losses',
  version: 1,
  code: import.meta.url,
  uses: science,
  parameters: z.object({
    prior: priorSchema,
    timestepRange: z.tuple([z.number(), z.number()]),
    draws: z.int().min(1),
    seed: z.int().default(42),
    ...prompts,
  }),
  item: imageSchema,
  identity,
  unkeyed: z.object({ dataset: datasetSchema }),
  batch: 50,
  resources: { threads: 2, memory: 3000 },
  run: (context, parameters, items) =>
    byClass(context, parameters, items, (prior, chosen, latents) =>
      scoreClass(prior, chosen, latents, { ...parameters, signal: context.signal }),
    ),
});

/** Where features are taken in a prior with three up-blocks; paperFeatures are for Stable Diffusion's four. */
export const smallPriorFeatures: FeatureSettings = { featureTimestep: 160, upBlock: 0, ensemble: 4 };

/** Diffusion features of each image (paper 001, section 3.2). */
export const imageFeatures = mapStage({
  name: 'diffusion-features',
  version: 1,
  code: import.meta.url,
  uses: science,
  parameters: z.object({
    prior: priorSchema,
    featureTimestep: z.int().default(smallPriorFeatures.featureTimestep),
    upBlock: z.int().default(smallPriorFeatures.upBlock),
    ensemble: z.int().default(smallPriorFeatures.ensemble),
    seed: z.int().default(42),
    prompt: prompts.prompt,
  }),
  item: imageSchema,
  identity,
  unkeyed: z.object({ dataset: datasetSchema }),
  batch: 50,
  resources: { threads: 2, memory: 3000 },
  run: (context, parameters, items) =>
    byClass(context, parameters, items, (prior, chosen, latents) =>
      featuresOfClass(prior, chosen, latents, { ...parameters, signal: context.signal }),
    ),
});

/** Joins stored pieces of a class: losses of several ranges side by side. */
export function joinLosses(
  bands: readonly { timesteps: readonly number[]; pieces: readonly Piece[] }[],
  images: readonly number[],
): DifferentialLosses {
  const timesteps = bands.flatMap((band) => [...band.timesteps]);
  const [, height, width] = bands[0]!.pieces[0]!.shape as [number, number, number];
  const values = new Float32Array(images.length * timesteps.length * height * width);
  let at = 0;
  for (const image of images) {
    for (const band of bands) {
      values.set(band.pieces[image]!.data, at);
      at += band.pieces[image]!.data.length;
    }
  }
  return { values, shape: [images.length, timesteps.length, height, width], timesteps };
}

function joinFeatures(pieces: readonly Piece[], images: readonly number[]): FeatureMaps {
  const [height, width, channels] = pieces[0]!.shape as [number, number, number];
  const values = new Float32Array(images.length * height * width * channels);
  for (const [k, image] of images.entries()) values.set(pieces[image]!.data, k * height * width * channels);
  return { values, shape: [images.length, height, width, channels] };
}

/** The distilled set of diffusion-driven selection, with the reason for each patch. */
export const selection = stage({
  name: 'diffusion-driven-selection',
  version: 1,
  code: import.meta.url,
  uses: ['../methods/diffusion-driven-selection', '../methods/compose'],
  parameters: z.object({
    dataset: datasetSchema,
    /** Timesteps of each list of losses, in order. */
    bands: z.array(z.array(z.int())),
    timestepRange: z.tuple([z.number(), z.number()]),
    patchSize: z.union([z.int(), z.literal('image')]),
    patchesPerImage: z.int().default(5),
    clusters: z.int().default(32),
    topClusters: z.int().default(10),
    imagesPerClass: z.int(),
    seed: z.int().default(10),
  }),
  inputs: { losses: inputList<readonly Piece[]>(), features: input<readonly Piece[]>() },
  async run(context, { dataset: description, bands, ...settings }, { losses, features }): Promise<Distillation> {
    const dataset = openDataset(description);
    const scores: ClassScores[] = dataset.classes.map((_, label) => {
      const images = Array.from(dataset.labels.keys()).filter((i) => dataset.labels[i] === label);
      return {
        images,
        losses: joinLosses(
          bands.map((timesteps, i) => ({ timesteps, pieces: losses[i]! })),
          images,
        ),
        features: joinFeatures(features, images),
        height: dataset.size,
        width: dataset.size,
      };
    });
    return distilFromScores(dataset, scores, settings, context);
  },
});

/** A random subset of the same budget. */
export const randomControl = stage({
  name: 'random-selection',
  version: 1,
  code: import.meta.url,
  uses: ['../methods/random-selection', '../methods/compose'],
  parameters: randomSettings.extend({ dataset: datasetSchema }),
  run: (context, { dataset, ...settings }): Promise<DistilledSet> =>
    randomSelection(openDataset(dataset), { ...settings, signal: context.signal }),
});
