/**
 * A teacher's answers to all batches that students of one seed see. Crops, mixes and order are functions of (seed,
 * step), so the answers depend on no student. They can be stored, and shared by students of any network and any number
 * of epochs.
 */
import { breathe, type LongTask, tf, withPrecision } from '../engine';
import { type CellOptions, cellSettings } from './cell';
import type { ResidentImages } from './images';
import type { Classifier } from './networks';
import type { Protocol } from './protocols';
import { batchAt } from './student-batch';

export interface TeacherAnswersOptions extends LongTask, Omit<CellOptions, 'epochs' | 'classes' | 'size'> {
  protocol: Protocol;
  /** The students' seed. */
  seed: number;
  /** Which epochs, from 0. */
  epochs: readonly number[];
}

/** Logits [images, classes] of each epoch, in the order in which its batches show the images. */
export async function teacherAnswers(
  train: ResidentImages,
  teacher: Classifier,
  { protocol, seed, epochs, precision = 'float32', signal, onProgress, ...cell }: TeacherAnswersOptions,
): Promise<Float32Array[]> {
  const { labels, classes, size } = train;
  const settings = cellSettings(protocol, { ...cell, classes: classes.length, size });
  const perEpoch = Math.ceil(labels.length / settings.batch);
  teacher.eval();
  const answers: Float32Array[] = [];
  for (const epoch of epochs) {
    const values = new Float32Array(labels.length * classes.length);
    for (let place = 0; place < perEpoch; place++) {
      await breathe(signal);
      const step = epoch * perEpoch + place;
      const some = tf.tidy(() => {
        const { images } = batchAt(train, settings, { seed, step, perEpoch });
        return withPrecision(precision, () => teacher.forward(images));
      });
      values.set(await some.data<'float32'>(), place * settings.batch * classes.length);
      some.dispose();
    }
    answers.push(values);
    onProgress?.({ label: 'The teacher answers', done: answers.length, total: epochs.length });
  }
  return answers;
}
