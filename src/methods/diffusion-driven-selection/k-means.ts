/** K-means by ml-kmeans; for many patches, the same algorithm with distances as matrix products. */
import { kmeans } from 'ml-kmeans';
import { Random } from 'ml-random';
import { type Tensor, type Tensor2D, tf } from '../../engine';

export interface KMeansOptions {
  clusters: number;
  /** Seed of the k-means++ initialisation. */
  seed: number;
  /** Default: chosen by the amount of work. */
  by?: 'ml-kmeans' | 'matrix products';
}

export interface KMeansResult {
  /** The cluster of each vector. */
  assignment: ArrayLike<number>;
  /** One per cluster. */
  centroids: ArrayLike<number>[];
}

const MAX_ITERATIONS = 300;
/** Squared distance that a centroid may move in the last iteration; ml-kmeans's default. */
const TOLERANCE = 1e-6;
/** Products per iteration (vectors × values × clusters) up to which ml-kmeans is fast enough. */
const SMALL = 2e6;

/**
 * Euclidean k-means: k-means++ (Arthur & Vassilvitskii 2007), then Lloyd's iterations until the centroids stop moving.
 * Both implementations draw the same numbers and decide alike, except between distances equal to six digits.
 * @param vectors of one length, all finite
 * @param options at most as many clusters as vectors
 */
export function kMeans(vectors: readonly Float32Array[], { clusters, seed, by }: KMeansOptions): KMeansResult {
  const work = vectors.length * vectors[0]!.length * clusters;
  if ((by ?? (work > SMALL ? 'matrix products' : 'ml-kmeans')) === 'matrix products') {
    return byMatrixProducts(vectors, clusters, seed);
  }
  const data = vectors.map((vector) => Array.from(vector));
  const found = kmeans(data, clusters, { seed, initialization: 'kmeans++', maxIterations: MAX_ITERATIONS });
  return { assignment: found.clusters, centroids: found.centroids };
}

function byMatrixProducts(vectors: readonly Float32Array[], clusters: number, seed: number): KMeansResult {
  const [count, length] = [vectors.length, vectors[0]!.length];
  const everywhere = new Int32Array(count);
  const mean = means(vectors, everywhere, [new Float64Array(length)])[0]!;
  const points = new Points(centred(vectors, mean), length);
  try {
    let centroids: Float64Array[] = start(points, clusters, seed).map((at) => Float64Array.from(points.vectors[at]!));
    let assignment: Int32Array = everywhere;
    for (let iteration = 0; iteration < MAX_ITERATIONS; iteration++) {
      assignment = points.nearest(centroids);
      const moved = means(points.vectors, assignment, centroids);
      const still = moved.every((centre, k) => squaredDistance(centre, centroids[k]!) <= TOLERANCE);
      centroids = moved;
      if (still) break;
    }
    return { assignment, centroids: centroids.map((centre) => centre.map((value, i) => value + mean[i]!)) };
  } finally {
    points.dispose();
  }
}

/** The vectors less their mean, where |x|² − 2 x·c + |c|² loses fewest digits: one row each. */
function centred(vectors: readonly Float32Array[], mean: Float64Array): Float32Array {
  const length = mean.length;
  const values = new Float32Array(vectors.length * length);
  for (const [row, vector] of vectors.entries()) {
    for (let i = 0; i < length; i++) values[row * length + i] = vector[i]! - mean[i]!;
  }
  return values;
}

/** Vectors as a matrix, for fast distances. Loops in place of map and from: these take longer than the products do. */
class Points {
  readonly count: number;
  readonly vectors: Float32Array[];
  private readonly matrix: Tensor2D;
  private readonly squares: Float64Array;

  constructor(values: Float32Array, length: number) {
    this.count = values.length / length;
    this.vectors = Array.from({ length: this.count }, (_, row) => values.subarray(row * length, (row + 1) * length));
    this.matrix = tf.tensor2d(values, [this.count, length]);
    const origin = new Float64Array(length);
    this.squares = Float64Array.from(this.vectors, (vector) => squaredDistance(vector, origin));
  }

  /** Squared distances of all points to some of them: one row per wanted point. */
  distancesTo(wanted: readonly number[]): Float64Array[] {
    const rows = tf.tidy(() => tf.matMul(tf.gather(this.matrix, wanted as number[]), this.matrix, false, true));
    const products = taken(rows);
    return wanted.map((at, row) => {
      const distances = new Float64Array(this.count);
      for (let i = 0; i < this.count; i++) {
        const distance = this.squares[i]! + this.squares[at]! - 2 * products[row * this.count + i]!;
        distances[i] = distance > 0 && i !== at ? distance : 0;
      }
      return distances;
    });
  }

  /** The nearest centre of each point; the first one wins a tie. */
  nearest(centres: readonly Float64Array[]): Int32Array {
    const [count, length] = [centres.length, centres[0]!.length];
    const values = new Float32Array(count * length);
    for (const [k, centre] of centres.entries()) values.set(centre, k * length);
    const closest = tf.tidy(() => {
      const matrix = tf.tensor2d(values, [count, length]);
      const halves = tf.mul(tf.sum(tf.square(matrix), 1), 0.5);
      return tf.argMin(tf.sub(halves, tf.matMul(this.matrix, matrix, false, true)), 1);
    });
    return Int32Array.from(taken(closest));
  }

  dispose(): void {
    this.matrix.dispose();
  }
}

/** A tensor's values; frees it. Not within a tidy, which would look for tensors among the values. */
function taken(tensor: Tensor): Float32Array | Int32Array {
  const values = tensor.dataSync() as Float32Array | Int32Array;
  tensor.dispose();
  return values;
}

/**
 * ml-kmeans's k-means++ start, draw by draw: of a few candidates per centre, take the one that lowers the sum of
 * distances most.
 */
function start(points: Points, clusters: number, seed: number): number[] {
  const random = new Random(seed);
  const trials = 2 + Math.floor(Math.log(clusters));
  const centres = [random.randInt(points.count)];
  let [closest] = points.distancesTo(centres) as [Float64Array];
  while (centres.length < clusters) {
    const total = sum(closest);
    const probabilities = Array.from(closest);
    for (let i = 0; i < probabilities.length; i++) probabilities[i]! /= total;
    const candidates = random.choice(points.count, { replace: true, size: trials, probabilities });
    const after = points.distancesTo(candidates);
    for (const row of after) {
      for (let i = 0; i < row.length; i++) row[i] = Math.min(row[i]!, closest[i]!);
    }
    const sums = after.map(sum);
    const best = sums.indexOf(Math.min(...sums));
    centres.push(candidates[best]!);
    closest = after[best]!;
  }
  return centres;
}

/** The mean of each cluster's vectors; an empty cluster keeps its centre. */
function means(
  vectors: readonly Float32Array[],
  assignment: Int32Array,
  centres: readonly Float64Array[],
): Float64Array[] {
  const length = centres[0]!.length;
  const totals = centres.map(() => new Float64Array(length));
  const counts = new Int32Array(centres.length);
  for (const [row, vector] of vectors.entries()) {
    const total = totals[assignment[row]!]!;
    for (let i = 0; i < length; i++) total[i]! += vector[i]!;
    counts[assignment[row]!]! += 1;
  }
  for (const [k, total] of totals.entries()) {
    if (counts[k] === 0) total.set(centres[k]!);
    else for (let i = 0; i < length; i++) total[i]! /= counts[k]!;
  }
  return totals;
}

function squaredDistance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2;
  return sum;
}

function sum(values: Float64Array): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i]!;
  return total;
}
