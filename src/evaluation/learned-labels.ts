/** Labels learned with a set's images (DATM, TESLA), as a replacement for a teacher's answers. */
import type { DistilledSet } from '../methods';
import { cellSettings, type RecipeChanges } from './cell';
import type { NetworkName } from './networks';
import { type Protocol, type ProtocolName, protocols } from './protocols';
import { drawsAt } from './student-batch';

export interface LearnedAnswersOptions extends RecipeChanges {
  student: NetworkName;
  /** A protocol with soft labels. @default 'rded' */
  protocol?: ProtocolName | Protocol;
  /** Side of the students' images, pixels. Default: the set's. */
  size?: number;
}

/** Lower bound on probabilities before the logarithm. */
const TINY = 1e-12;

/**
 * The `answers` for `evaluate` when students learn the set's own labels, without a teacher. Each image that CutMix
 * mixed from two gets their labels in the same proportion. Use the same recipe as for `evaluate`. Note that the bytes
 * of labels in its rows are those of a teacher's answers, which take more than these labels.
 * @returns seed and epoch, from 0 → logits at the protocol's temperature, [images, classes] in the order of the batches
 * @throws when an image has no learned label, or the protocol's labels are hard
 * @example const rows = await evaluate(set, test, { student: 'conv3', answers: learnedAnswers(set, { student: 'conv3' }) });
 */
export function learnedAnswers(
  set: DistilledSet,
  { student, protocol: chosen = 'rded', size = set.size, ...recipe }: LearnedAnswersOptions,
): (seed: number, epoch: number) => Float32Array {
  const protocol = typeof chosen === 'string' ? protocols[chosen] : chosen;
  const { images, imagesPerClass, classes } = set;
  const cell = cellSettings(protocol, { ...recipe, student, classes: classes.length, size, imagesPerClass });
  const { batch, temperature, cutMix } = cell;
  if (temperature === null) {
    throw new Error(`Expected a protocol with soft labels, got '${protocol.name}'. Take the protocol 'rded'.`);
  }
  const labels = images.map(({ logits }, k) => {
    if (logits?.length === classes.length) return softmax(logits);
    throw new Error(
      `Expected a learned label of ${classes.length} logits for each image of ${set.method}, got ${logits?.length ?? 'none'} for image ${k}. Ask a teacher, or learn labels with datm.`,
    );
  });
  const perEpoch = Math.ceil(images.length / batch);
  return (seed, epoch) => {
    const answers = new Float32Array(images.length * classes.length);
    for (let place = 0; place < perEpoch; place++) {
      const step = epoch * perEpoch + place;
      const { chosen: shown, mix } = drawsAt({ seed, step, perEpoch }, { count: images.length, size, batch, cutMix });
      const { partners, own } = mix;
      for (const [k, image] of shown.entries()) {
        const [mine, other] = [labels[image]!, labels[shown[partners[k]!]!]!];
        const mixed = mine.map((p, label) => own * p + (1 - own) * other[label]!);
        const logits = mixed.map((p) => temperature * Math.log(Math.max(p, TINY)));
        answers.set(logits, (place * batch + k) * classes.length);
      }
    }
    return answers;
  };
}

function softmax(logits: readonly number[]): number[] {
  const most = Math.max(...logits);
  const powers = logits.map((value) => Math.exp(value - most));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}
