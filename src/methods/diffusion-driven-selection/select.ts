/** Stage II: candidates of a class clustered on their features and cut to the wanted number. */
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

/** What was chosen of a class, in the order in which it is composed. */
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
 * Selects for one class: patches of the best clusters, or the best patches where there are no features or no clusters.
 * @param features one per candidate
 * @throws naming the image of a feature that is no finite number
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
