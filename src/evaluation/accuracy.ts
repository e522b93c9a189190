/** Accuracy of a network, and of several seeds. */
import { breathe, type LongTask, tf } from '../engine';
import type { LabelledImages } from './images';
import type { Classifier } from './networks';

/** Share of images whose most probable class is their label, 0 … 1. Leaves the network in evaluation mode. */
export async function accuracy(
  network: Classifier,
  { images, labels }: LabelledImages,
  { batch = 250, signal }: LongTask & { batch?: number } = {},
): Promise<number> {
  network.eval();
  let right = 0;
  for (let start = 0; start < labels.length; start += batch) {
    await breathe(signal);
    const size = Math.min(batch, labels.length - start);
    const predicted = tf.tidy(() => tf.argMax(network.forward(tf.slice(images, start, size)), 1).dataSync());
    for (let i = 0; i < size; i++) if (predicted[i] === labels[start + i]) right++;
  }
  return right / labels.length;
}

/** Mean and sample standard deviation; the deviation of one value is not known (NaN). */
export function meanAndDeviation(values: readonly number[]): { mean: number; deviation: number; n: number } {
  if (values.length === 0) throw new Error('Expected at least one value, got none.');
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: n > 1 ? Math.sqrt(squares / (n - 1)) : Number.NaN, n };
}
