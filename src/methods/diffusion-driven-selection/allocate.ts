/** Stage II's second half: which patches enter the distilled set at a given number of images per class. */
import type { Cluster } from './cluster';

/** Up to this many images per class, four patches share an image (paper 001, section 3.2 and appendix B.1). */
export const MOSAIC_UP_TO_IPC = 10;

/** Patches along a side of a distilled image: a 2×2 mosaic up to IPC 10, else one patch. */
export function mosaicFactor(imagesPerClass: number): 1 | 2 {
  return imagesPerClass <= MOSAIC_UP_TO_IPC ? 2 : 1;
}

/** A patch chosen for the distilled set, and why. */
export interface Choice {
  /** Position in the list of patches. */
  patch: number;
  /** Rank of its cluster (0 = highest median score), and its place in it; -1 for a patch taken by score alone. */
  cluster: number;
  rank: number;
}

export interface AllocateOptions {
  imagesPerClass: number;
  /** Clusters that patches are taken from first, N (paper 001: 10). */
  topClusters?: number;
  /** Patches along a side of a composed image; default mosaicFactor(imagesPerClass). 1 on low-resolution sets. */
  factor?: number;
}

/**
 * Appendix B.1: factor²·IPC // N patches from each of the top N clusters, nearest the centroid first; the rest, and
 * what a short cluster could not give, from unused patches by score, descending.
 * @throws when there are fewer patches than the set needs.
 */
export function allocate(clusters: readonly Cluster[], scores: readonly number[], options: AllocateOptions): Choice[] {
  const { imagesPerClass, topClusters = 10, factor = mosaicFactor(imagesPerClass) } = options;
  if (!Number.isInteger(imagesPerClass) || imagesPerClass < 1) {
    throw new Error(`Expected at least 1 image per class, got ${imagesPerClass}.`);
  }
  if (!Number.isInteger(topClusters) || topClusters < 1)
    throw new Error(`Expected at least 1 top cluster, got ${topClusters}.`);
  const wanted = imagesPerClass * factor ** 2;
  if (scores.length < wanted) {
    throw new Error(
      `IPC ${imagesPerClass} with ${factor ** 2} patches per image needs ${wanted} patches of the class, got ${scores.length}. Use more source images or a lower IPC.`,
    );
  }
  const share = Math.floor(wanted / topClusters);
  const picks: Choice[] = [];
  for (const [cluster, { members }] of clusters.slice(0, topClusters).entries()) {
    for (const [rank, patch] of members.slice(0, share).entries()) picks.push({ patch, cluster, rank });
  }
  const used = new Set(picks.map(({ patch }) => patch));
  const rest = scores.map((_, patch) => patch).filter((patch) => !used.has(patch));
  rest.sort((a, b) => scores[b]! - scores[a]! || a - b);
  for (const patch of rest.slice(0, wanted - picks.length)) picks.push({ patch, cluster: -1, rank: -1 });
  return picks;
}
