/** Stage II's first half: clusters the patches of a class by their features, and ranks clusters and members. */
import { kMeans } from './k-means';

/** One group of patches, best group first, nearest member first. */
export interface Cluster {
  /** Positions in the list of patches, by distance to the centroid. */
  members: number[];
  /** Distance of each member to the centroid, same order. */
  distances: number[];
  /** Median score of the members: the group's rank. */
  score: number;
}

export interface ClusterOptions {
  /** Number of groups (paper 001: 32). Fewer patches than groups give each patch a group. */
  clusters: number;
  /** Seed of the k-means++ initialisation. */
  seed?: number;
  /** Name of each patch in errors. Default: its number. */
  names?: readonly string[];
}

/**
 * K-means (Euclidean, k-means++) over the features; groups ordered by the median score of their members, descending,
 * members by distance to the centroid, ascending (paper 001, section 3.2). Ties keep the given order.
 * @param features one vector per patch
 * @param scores one score per patch
 * @throws naming the patch whose feature or score isn't finite, or whose vector differs in length
 */
export function rankedClusters(
  features: readonly Float32Array[],
  scores: readonly number[],
  options: ClusterOptions,
): Cluster[] {
  const { clusters, seed = 0 } = options;
  if (!Number.isInteger(clusters) || clusters < 1) throw new Error(`Expected at least 1 cluster, got ${clusters}.`);
  if (features.length !== scores.length) {
    throw new Error(`Expected one feature per score, got ${features.length} features and ${scores.length} scores.`);
  }
  if (features.length === 0) return [];
  checkNumbers(features, scores, options.names);
  const { assignment, centroids } = kMeans(features, { clusters: Math.min(clusters, features.length), seed });
  const members = centroids.map(() => [] as number[]);
  for (let patch = 0; patch < assignment.length; patch++) members[assignment[patch]!]!.push(patch);
  return members
    .map((patches, cluster) => {
      const distance = (patch: number): number => euclidean(features[patch]!, centroids[cluster]!);
      const ordered = [...patches].sort((a, b) => distance(a) - distance(b) || a - b);
      return {
        members: ordered,
        distances: ordered.map(distance),
        score: median(patches.map((patch) => scores[patch]!)),
      };
    })
    .filter((cluster) => cluster.members.length > 0)
    .sort((a, b) => b.score - a.score);
}

function checkNumbers(features: readonly Float32Array[], scores: readonly number[], names?: readonly string[]): void {
  const { length } = features[0]!;
  for (const [i, feature] of features.entries()) {
    const name = names?.[i] ?? `patch ${i}`;
    if (feature.length !== length) {
      throw new Error(`Expected features of one length, ${length}, got ${feature.length} for ${name}.`);
    }
    const broken = [scores[i]!, ...feature].find((value) => !Number.isFinite(value));
    if (broken === undefined) continue;
    const what = Number.isFinite(scores[i]!) ? 'features' : 'scores';
    throw new Error(`Expected finite ${what}, got ${broken} for ${name}. Compute them again, or leave the image out.`);
  }
}

function euclidean(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2;
  return Math.sqrt(sum);
}

/** Middle value; the mean of the two middle ones for an even count. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
