/** Stage II: clusters the candidates of a class by their features, and takes the wanted number. */
import { allocate, mosaicFactor } from './allocate';
import type { Candidates, ScoredPatch } from './candidates';
import { type Cluster, rankedClusters } from './cluster';
import type { ChoiceSettings } from './settings';

/** A chosen patch, and why. */
export interface ChosenPatch extends ScoredPatch {
  /** Position in the class's candidates. */
  patch: number;
  /** Rank of its cluster (0 = highest median score), and its place in it; -1 for a patch taken by score alone. */
  cluster: number;
  rank: number;
}

/** The patches chosen for a class, in the order in which they are composed. */
export interface Selection {
  picks: ChosenPatch[];
  /** Best first; none where patches are taken by score alone. */
  clusters: Cluster[];
}

/** Patches along a side of a distilled image: the setting, or the paper's rule. */
export function factorOf({
  factor,
  patchSize,
  imagesPerClass,
}: {
  factor?: number | undefined;
  patchSize: number | 'image';
  imagesPerClass: number;
}): number {
  return factor ?? (patchSize === 'image' ? 1 : mosaicFactor(imagesPerClass));
}

/**
 * Selects the patches of one class: from the best clusters, or by score alone if there are no features or no clusters.
 * @param features one per candidate
 * @throws naming the image whose feature isn't finite
 */
export function selectPatches(
  { images, patches }: Candidates,
  features: readonly Float32Array[] | undefined,
  settings: ChoiceSettings & { factor: number },
): Selection {
  const { clusters: count, clusteringSeed: seed } = settings;
  const scores = patches.map(({ score }) => score);
  const names = patches.map(({ image, box }) => `image ${images[image]!.id} at ${box.top}, ${box.left}`);
  const clusters = features && count > 0 ? rankedClusters(features, scores, { clusters: count, seed, names }) : [];
  const choices = allocate(clusters, scores, settings);
  return { picks: choices.map((choice) => ({ ...patches[choice.patch]!, ...choice })), clusters };
}
