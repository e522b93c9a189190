/** SRe2L's "recover" (Yin, Xing & Shen, NeurIPS 2023): recovers one image per class from a trained network. */
import { type Pixels, randomResizedCropBox, resampleImages, tensorToImages } from '../../datasets';
import {
  Adam,
  breathe,
  cosineRate,
  type LongTask,
  lossAndGradients,
  pacedProgress,
  RandomStream,
  softmaxCrossEntropy,
  type Tensor,
  tf,
  type Variable,
  withPrecision,
} from '../../engine';
import type { Observer } from '../rded';
import { type Classifier, passWithStatistics } from './batch-statistics';
import type { RecoverySettings } from './settings';

/** The network from which images are recovered: a teacher with batch norm. */
export type RecoverableNetwork = Observer & { network: Classifier };

export interface RecoverOptions extends RecoverySettings, LongTask {
  classes: number;
  /** Which image of each class; each starts from noise of its own. */
  round: number;
}

/**
 * One image per class, in label order. Classes are optimised in batches of `classBatch`, which share a crop, flip and
 * roll per step.
 */
export async function recoverImages(
  observer: RecoverableNetwork,
  { classes, round, signal, onProgress, ...settings }: RecoverOptions,
): Promise<Pixels[]> {
  const { classBatch, iterations } = settings;
  const report = pacedProgress(onProgress, {
    label: `Recovering image ${round + 1} of each class`,
    total: iterations * Math.ceil(classes / classBatch),
  });
  const pixels: Pixels[] = [];
  for (let first = 0; first < classes; first += classBatch) {
    const labels = Array.from({ length: Math.min(classBatch, classes - first) }, (_, k) => first + k);
    const images = await recoverBatch(observer, { labels, round, report, signal, ...settings });
    pixels.push(...(await tensorToImages(images, { range: [0, 1] })));
    images.dispose();
  }
  return pixels;
}

interface BatchOptions extends RecoverySettings, Pick<LongTask, 'signal'> {
  labels: readonly number[];
  round: number;
  report: (units: number, detail?: string) => void;
}

/** @returns values 0 … 1, [labels,S,S,3]; the caller's */
async function recoverBatch(observer: RecoverableNetwork, options: BatchOptions): Promise<Tensor> {
  const { labels, round, report, signal, size, iterations, learningRate, seed } = options;
  const { mean, deviation } = observer.normalisation;
  const stream = new RandomStream(seed, 'SRe2L', round, labels[0]!);
  const noise = stream.fillNormal(new Float32Array(labels.length * size * size * 3));
  const images = tf.tidy(() => tf.variable(tf.tensor4d(noise, [labels.length, size, size, 3]))) as unknown as Variable;
  const right = tf.tensor1d([...labels], 'int32');
  const optimiser = new Adam({ images }, { learningRate, beta1: 0.5, beta2: 0.9 });
  const rate = cosineRate(learningRate, iterations);
  try {
    for (let step = 0; step < iterations; step++) {
      await breathe(signal);
      const random = stream.child('step', step);
      const { loss, gradients } = lossAndGradients({ images }, () =>
        recoveryLoss(observer.network, changed(images, random, options), right, options),
      );
      report(1, step % 10 === 0 ? `loss ${loss.dataSync()[0]!.toPrecision(3)}` : undefined);
      loss.dispose();
      optimiser.apply(gradients, rate(step));
      clipToColours(images, observer.normalisation);
    }
    return tf.tidy(() => tf.add(tf.mul(images, tf.tensor1d([...deviation])), tf.tensor1d([...mean])));
  } finally {
    optimiser.dispose();
    tf.dispose([images, right]);
  }
}

/** Cross entropy + statisticsWeight · distance of the batch norms' statistics; a scalar. */
export function recoveryLoss(
  network: Classifier,
  images: Tensor,
  labels: Tensor,
  {
    statisticsWeight,
    firstWeight,
    precision = 'float32',
  }: Pick<RecoverySettings, 'statisticsWeight' | 'firstWeight'> & Partial<Pick<RecoverySettings, 'precision'>>,
): Tensor {
  return tf.tidy(() => {
    const { logits, distance } = withPrecision(precision, () => passWithStatistics(network, images, { firstWeight }));
    return tf.add(softmaxCrossEntropy(logits, labels), tf.mul(distance, statisticsWeight));
  });
}

/** Clips values to the range of colours. */
export function clipToColours(images: Variable, { mean, deviation }: Observer['normalisation']): void {
  tf.tidy(() => {
    const at = (value: number): Tensor => tf.tensor1d(mean.map((m, c) => (value - m) / deviation[c]!));
    images.assign(tf.minimum(tf.maximum(images, at(0)), at(1)));
  });
}

/** The same random crop, mirror and roll of all images. */
function changed(
  images: Tensor,
  random: RandomStream,
  { size, crop, flip, jitter }: Pick<RecoverySettings, 'size' | 'crop' | 'flip' | 'jitter'>,
): Tensor {
  return tf.tidy(() => {
    const whole = { top: 0, left: 0, height: size, width: size };
    const box = crop === 'whole' ? whole : randomResizedCropBox(random, size, size, { scale: crop });
    const mirrored = flip && random.uniform() < 0.5;
    const maps = {
      rows: { start: box.top, length: box.height },
      columns: { start: box.left, length: box.width, flip: mirrored },
    };
    const moved = resampleImages(images, Array<typeof maps>(images.shape[0]!).fill(maps), { size });
    return rolled(rolled(moved, 1, rollOf(jitter, size, random)), 2, rollOf(jitter, size, random));
  });
}

/** How many pixels a step's images are rolled by along an axis. */
export function rollOf(jitter: RecoverySettings['jitter'], size: number, random: RandomStream): number {
  const [least, most] = (typeof jitter === 'number' ? [0, jitter] : jitter).map((share) => Math.round(share * size));
  return least! + random.integer(most! - least! + 1);
}

/** torch.roll: shifts pixels along an axis and wraps them around. */
function rolled(images: Tensor, axis: 1 | 2, pixels: number): Tensor {
  const size = images.shape[axis]!;
  const by = (pixels + size) % size;
  if (by === 0) return images;
  const [start, end] = tf.split(images, [size - by, by], axis) as [Tensor, Tensor];
  return tf.concat([end, start], axis);
}
