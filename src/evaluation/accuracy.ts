/** Accuracy of a network on labelled images. */
import { type LongTask, tf } from '../engine';
import type { LabelledImages } from './images';
import type { Classifier } from './networks';

export interface PredictOptions extends LongTask {
  /** Images per pass. @default 250 */
  batch?: number;
}

/** The most probable class of each image. Leaves the network in evaluation mode. */
export async function predict(
  network: Classifier,
  images: LabelledImages,
  { batch = 250, signal, onProgress }: PredictOptions = {},
): Promise<Int32Array> {
  network.eval();
  const total = images.labels.length;
  const answers = new Int32Array(total);
  for await (const { images: some, start } of images.batches(batch, { signal })) {
    const classes = tf.tidy(() => tf.argMax(network.forward(some), 1).dataSync<'int32'>());
    answers.set(classes, start);
    onProgress?.({ label: 'Testing', done: start + classes.length, total });
  }
  return answers;
}

/** Share of images whose most probable class is their label, 0 … 1. Leaves the network in evaluation mode. */
export async function accuracy(
  network: Classifier,
  images: LabelledImages,
  options: PredictOptions = {},
): Promise<number> {
  return shareRight(await predict(network, images, options), images.labels);
}

/** Share of answers that equal the labels, 0 … 1. @throws when their numbers differ, or there are none. */
export function shareRight(answers: ArrayLike<number>, labels: ArrayLike<number>): number {
  if (answers.length !== labels.length || labels.length === 0) {
    throw new Error(`Expected one answer per label and at least one, got ${answers.length} for ${labels.length}.`);
  }
  let right = 0;
  for (let i = 0; i < labels.length; i++) if (answers[i] === labels[i]) right++;
  return right / labels.length;
}

/** How often each true class (row) got each answer (column). */
export function confusion(answers: ArrayLike<number>, labels: ArrayLike<number>, classes: number): number[][] {
  const counts = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (let i = 0; i < labels.length; i++) counts[labels[i]!]![answers[i]!]! += 1;
  return counts;
}
