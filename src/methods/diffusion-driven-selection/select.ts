/** One class's patches: scored on its noise maps, clustered on its features, cut to the wanted number (both stages). */
import { type DifferentialLosses, type FeatureMaps, noiseMaps, pooledFeature } from '../../diffusion';
import { allocate, type Choice, mosaicFactor } from './allocate';
import { type Cluster, rankedClusters } from './cluster';
import { bestPatches, type ScoredPatch } from './patch';
import type { SelectSettings } from './settings';

/** What was computed once for a class, whatever the settings that follow. */
export interface ClassScores {
  /** Positions of the images in their dataset. */
  images: readonly number[];
  losses: DifferentialLosses;
  /** Feature maps of the same images; not needed where settings.clusters is 0. */
  features?: FeatureMaps;
  /** Size of the images, pixels. */
  height: number;
  width: number;
}

/** All candidates of a class and those chosen. */
export interface Selection {
  patches: ScoredPatch[];
  clusters: Cluster[];
  picks: Choice[];
}

/**
 * Selects for one class. A pure function of stored losses and features: patch size is a pooling, the cluster count a
 * k-means, IPC a cut, so that an ablation costs no pass through the prior.
 */
export function selectPatches(scores: ClassScores, settings: SelectSettings): Selection {
  const patches = candidatePatches(scores, settings);
  const values = patches.map(({ score }) => score);
  const clusters = settings.clusters > 0 ? rankedClusters(patchFeatures(scores, patches), values, settings) : [];
  const picks = allocate(clusters, values, {
    imagesPerClass: settings.imagesPerClass,
    topClusters: settings.topClusters,
    factor: settings.patchSize === 'image' ? 1 : mosaicFactor(settings.imagesPerClass),
  });
  return { patches, clusters, picks };
}

/** The best non-overlapping patches of every image, or the images as wholes (stage I). */
export function candidatePatches(
  { images, losses, height, width }: ClassScores,
  {
    timestepRange: [from, to],
    patchSize,
    patchesPerImage: count,
  }: Pick<SelectSettings, 'timestepRange' | 'patchSize' | 'patchesPerImage'>,
): ScoredPatch[] {
  const timesteps = losses.timesteps.filter((t) => t >= from * 1000 && t < to * 1000);
  if (timesteps.length === 0) {
    throw new Error(
      `Expected stored losses in the timestep range [${from}, ${to}], got only ${losses.timesteps.join(', ')}.`,
    );
  }
  const whole = Math.min(height, width);
  return noiseMaps(losses, { height, width, timesteps }).flatMap((map, i) =>
    bestPatches(map, { size: patchSize === 'image' ? whole : patchSize, count: patchSize === 'image' ? 1 : count }).map(
      ({ box, score }) => ({ image: images[i]!, box, score }),
    ),
  );
}

function patchFeatures(
  { images, features, height, width }: ClassScores,
  patches: readonly ScoredPatch[],
): Float32Array[] {
  if (!features) throw new Error('Expected diffusion features for clustering. Compute them, or set clusters to 0.');
  const position = new Map(images.map((image, i) => [image, i]));
  return patches.map(({ image, box }) =>
    pooledFeature(features, position.get(image)!, {
      top: box.top / height,
      left: box.left / width,
      bottom: (box.top + box.size) / height,
      right: (box.left + box.size) / width,
    }),
  );
}
