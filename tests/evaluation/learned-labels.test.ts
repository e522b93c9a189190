/** Learned labels as students get them: those of the images that CutMix made each of, and whole trainings on them. */
import { describe, expect, it } from 'vitest';
import { tf } from '../../src/engine';
import { cellSettings, evaluate, learnedAnswers, loadDistilled, protocols } from '../../src/evaluation';
import { batchAt } from '../../src/evaluation/student-batch';
import { type DistilledSet, randomSelection } from '../../src/methods';
import { smallDataset } from '../methods/small-dataset';

const dataset = smallDataset({ perClass: 6, size: 16, classes: ['cup', 'jug', 'mug'] });
const student = 'conv3-w4';
const plain = await randomSelection(dataset, { imagesPerClass: 3, size: 16, patchSize: 'image', factor: 1 });
/** As sure as a label of the class is. */
const set: DistilledSet = {
  ...plain,
  images: plain.images.map((image) => ({ ...image, logits: [0, 1, 2].map((k) => (k === image.label ? 60 : 0)) })),
};

describe('learned labels', () => {
  it('are, where they are the class, those of the batch that a student sees', async () => {
    const train = await loadDistilled(set, { size: 16 });
    const recipe = { batch: 4, epochs: 3 };
    const settings = cellSettings(protocols.rded, { ...recipe, student, classes: 3, size: 16, imagesPerClass: 3 });
    const answers = learnedAnswers(set, { student, ...recipe });
    for (const epoch of [0, 2]) {
      const told = answers(5, epoch);
      for (let place = 0; place < 3; place++) {
        const { labels, partnerLabels, own } = batchAt(train, settings, {
          seed: 5,
          step: 3 * epoch + place,
          perEpoch: 3,
        });
        const wanted = tf.add(tf.mul(tf.oneHot(labels, 3), own), tf.mul(tf.oneHot(partnerLabels, 3), 1 - own));
        const rows = told.subarray(place * 12, place * 12 + wanted.size);
        const seen = tf.softmax(tf.div(tf.tensor(rows, wanted.shape), settings.temperature!));
        expect(tf.max(tf.abs(tf.sub(seen, wanted))).dataSync()[0]).toBeLessThan(1e-5);
      }
    }
  });

  it('train students without a teacher', async () => {
    const recipe = { student, epochs: 2, batch: 4 } as const;
    const [row] = await evaluate(set, dataset, { ...recipe, seeds: [0], answers: learnedAnswers(set, recipe) });
    expect(row).toMatchObject({ labels: 'soft', teacher: '-', epochs: 2 });
    expect(Number.isFinite(row!.loss)).toBe(true);
  });

  it('must be there, and the protocol take them', () => {
    expect(() => learnedAnswers(plain, { student })).toThrow(/a learned label of 3 logits.*got none for image 0/);
    expect(() => learnedAnswers(set, { student, protocol: 'hard' })).toThrow(/soft labels, got 'hard labels'/);
  });
});
