/** Paper 001 on a dataset, from a handful of settings: which stages there are and how they hang together. */
import type { ImageDataset } from '../../datasets';
import { timestepsIn } from '../../diffusion';
import type { BoundStage } from '../../sweeps';
import { type DatasetDescription, openDataset } from '../datasets';
import { priorFingerprint, priorFolder } from '../priors';
import { imageFeatures, imageItems, noiseLosses, type Piece, selection } from '../stages';

/** What can be varied. Published values stand in methods/diffusion-driven-selection/settings.ts. */
export interface DistillationSettings {
  dataset: DatasetDescription;
  /** Name in data/priors, or a folder in the diffusers layout. */
  prior: string;
  /** Fractions of the schedule, multiples of the band width apart. */
  timestepRange: readonly [number, number];
  /** Noise losses are kept in bands of the schedule, so that ranges share them: the width of one, and its draws. */
  bandWidth: number;
  drawsPerBand: number;
  /** Pixels, or 'image' on low-resolution sets. */
  patchSize: number | 'image';
  /** Best patches of each image that may be chosen; they don't overlap. Default 5, of which few fit a large patch. */
  patchesPerImage?: number;
  clusters: number;
  topClusters: number;
  imagesPerClass: number;
}

/** The bound stages of one configuration. */
export interface BoundDistillation {
  dataset: ImageDataset;
  description: DatasetDescription;
  /** Timesteps of each band of losses. */
  bands: number[][];
  losses: BoundStage<readonly Piece[]>[];
  features: BoundStage<readonly Piece[]>;
  distilled: ReturnType<typeof selection.bind>;
}

/** Binds the stages of a configuration; nothing runs. @throws when the range is not made of whole bands. */
export function bindDistillation(settings: DistillationSettings): BoundDistillation {
  const { dataset: description, prior: name, timestepRange, bandWidth, drawsPerBand } = settings;
  const { patchSize, patchesPerImage, clusters, topClusters, imagesPerClass } = settings;
  const dataset = openDataset(description);
  const prior = { name, fingerprint: priorFingerprint(priorFolder(name)) };
  const [from, to] = timestepRange;
  const count = Math.round((to - from) / bandWidth);
  if (count < 1 || Math.abs(from + count * bandWidth - to) > 1e-6) {
    throw new Error(
      `Expected the range [${from}, ${to}] to be whole bands of ${bandWidth}. Choose a width that divides it.`,
    );
  }
  const edge = (i: number): number => Number((from + i * bandWidth).toFixed(6));
  const ranges = Array.from({ length: count }, (_, i): [number, number] => [edge(i), edge(i + 1)]);
  const items = imageItems(dataset);
  const unkeyed = { dataset: description };
  const losses = ranges.map((range) =>
    noiseLosses.bind({ prior, timestepRange: range, draws: drawsPerBand }, { items, unkeyed }),
  );
  const features = imageFeatures.bind({ prior }, { items, unkeyed });
  const bands = ranges.map((range) => timestepsIn({ range, draws: drawsPerBand }));
  const parameters = {
    dataset: description,
    bands,
    timestepRange: [from, to] as [number, number],
    patchSize,
    ...(patchesPerImage ? { patchesPerImage } : {}),
    clusters,
    topClusters,
    imagesPerClass,
  };
  return {
    dataset,
    description,
    bands,
    losses,
    features,
    distilled: selection.bind(parameters, { inputs: { losses, features } }),
  };
}
