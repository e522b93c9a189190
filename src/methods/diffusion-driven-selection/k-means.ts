/** K-means by ml-kmeans; for many patches, the same algorithm with distances as matrix products. */
import { kmeans } from 'ml-kmeans';
import { Random } from 'ml-random';
import { type Tensor2D, tf } from '../../engine';

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
  const mean = centroid(vectors, vectors[0]!.length);
  // Centred on the mean, because |x|² − 2 x·c + |c|² loses fewest digits there.
  const centred = vectors.map((vector) => vector.map((value, i) => value - mean[i]!));
  const points = new Points(centred);
  try {
    let centroids: Float64Array[] = start(points, clusters, seed).map((at) => Float64Array.from(centred[at]!));
    let assignment: Int32Array = new Int32Array(vectors.length);
    for (let iteration = 0; iteration < MAX_ITERATIONS; iteration++) {
      assignment = points.nearest(centroids);
      const moved = means(centred, assignment, centroids);
      const still = moved.every((centre, k) => squaredDistance(centre, centroids[k]!) <= TOLERANCE);
      centroids = moved;
      if (still) break;
    }
    return { assignment, centroids: centroids.map((centre) => centre.map((value, i) => value + mean[i]!)) };
  } finally {
    points.dispose();
  }
}

/** The vectors as a matrix, for fast distances. */
class Points {
  readonly count: number;
  private readonly matrix: Tensor2D;
  private readonly squares: Float64Array;

  constructor(vectors: readonly Float32Array[]) {
    const length = vectors[0]!.length;
    const values = new Float32Array(vectors.length * length);
    vectors.forEach((vector, i) => {
      values.set(vector, i * length);
    });
    this.count = vectors.length;
    this.matrix = tf.tensor2d(values, [vectors.length, length]);
    this.squares = Float64Array.from(vectors, (vector) => squaredDistance(vector, new Float64Array(length)));
  }

  /** Squared distances of all points to some of them: one row per wanted point. */
  distancesTo(wanted: readonly number[]): Float64Array[] {
    const products = tf.tidy(() =>
      tf.matMul(tf.gather(this.matrix, wanted as number[]), this.matrix, false, true).dataSync(),
    );
    return wanted.map((at, row) =>
      Float64Array.from(this.squares, (square, i) =>
        i === at ? 0 : Math.max(0, square + this.squares[at]! - 2 * products[row * this.count + i]!),
      ),
    );
  }

  /** The nearest centre of each point; the first one wins a tie. */
  nearest(centres: readonly Float64Array[]): Int32Array {
    const scores = tf.tidy(() => {
      const matrix = tf.tensor2d(centres.map((centre) => Array.from(centre)));
      const halves = tf.mul(tf.sum(tf.square(matrix), 1), 0.5);
      return tf.argMin(tf.sub(halves, tf.matMul(this.matrix, matrix, false, true)), 1).dataSync();
    });
    return Int32Array.from(scores);
  }

  dispose(): void {
    this.matrix.dispose();
  }
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
    const probabilities = Array.from(closest, (distance) => distance / total);
    const candidates = random.choice(points.count, { replace: true, size: trials, probabilities });
    const after = points
      .distancesTo(candidates)
      .map((row) => closest.map((distance, i) => Math.min(distance, row[i]!)));
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
  const members = centres.map(() => [] as Float32Array[]);
  assignment.forEach((cluster, i) => {
    members[cluster]!.push(vectors[i]!);
  });
  return centres.map((centre, k) => (members[k]!.length === 0 ? centre : centroid(members[k]!, centre.length)));
}

function centroid(vectors: readonly Float32Array[], length: number): Float64Array {
  const total = new Float64Array(length);
  for (const vector of vectors) {
    for (let i = 0; i < length; i++) total[i]! += vector[i]!;
  }
  return total.map((value) => value / vectors.length);
}

function squaredDistance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2;
  return sum;
}

const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);
