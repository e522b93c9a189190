/** Compares a distilled set with real images, class by class, in the features of a trained classifier. */
import type { ImageDataset } from '../datasets';
import type { LongTask } from '../engine';
import { type DistilledSet, imagesByClass } from '../methods';
import { type LabelledImages, loadDistilled, openLabelled } from './images';
import { type NearestRealOptions, nearestReal } from './nearest-real';
import { penultimateFeatures } from './penultimate';
import { type PrecisionRecall, type PrecisionRecallOptions, precisionRecall } from './precision-recall';
import type { Teacher } from './teacher';

export interface FeatureEvidenceOptions extends LongTask, PrecisionRecallOptions, NearestRealOptions {
  /** Its penultimate layer is the feature space. Its classes must be the dataset's, in the same order. */
  teacher: Pick<Teacher, 'network' | 'classes' | 'size' | 'normalisation'>;
}

/** One class of a distilled set. */
export interface FeatureEvidence extends PrecisionRecall {
  class: string;
  /** Number of distilled images of the class, and of real ones. */
  images: number;
  real: number;
  /**
   * Mean distance to the nearest real image, as a multiple of the usual distance between real neighbours; Infinity if
   * that is 0.
   */
  nearest: number;
  /** Distilled images too close to a real one to count as new. */
  copies: number;
}

/**
 * Precision, recall, density, coverage and copies for each class. Compare with the set's source images to see what it
 * copies and covers, and with held-out ones to see how it generalises. A mosaic counts as one image, as a student sees
 * it.
 * @param real more than k images of each class; use the same for all compared sets
 * @throws when class names or their order differ, or a class has too few images in either dataset
 * @example
 * const teacher = experiments.shippedTeacher();
 * await show(await evaluation.featureEvidence(set, dataset, { teacher }));
 */
export async function featureEvidence(
  set: DistilledSet,
  real: ImageDataset,
  { teacher, k = 5, copyShare, ...task }: FeatureEvidenceOptions,
): Promise<FeatureEvidence[]> {
  for (const [name, { classes }] of Object.entries({ set, teacher })) expectClasses(name, classes, real.classes);
  const distilled = set.classes.map((_, label) => set.images.flatMap((image, i) => (image.label === label ? [i] : [])));
  const reals = imagesByClass(real);
  for (const [label, name] of real.classes.entries()) {
    if (distilled[label]!.length > 0 && reals[label]!.length > k) continue;
    throw new Error(
      `Expected at least 1 distilled and ${k + 1} real images of '${name}' (k + 1), got ${distilled[label]!.length} and ${reals[label]!.length}. Take more real images or a smaller k.`,
    );
  }
  const { network, size, normalisation } = teacher;
  const features = async (images: LabelledImages): Promise<Float32Array[]> =>
    penultimateFeatures(network, images, task);
  const options = { size, normalisation, ...task };
  const ofSet = await features(await loadDistilled(set, options));
  const ofReal = await features(await openLabelled(real, options));
  return real.classes.map((name, label) => {
    const [some, all] = [distilled[label]!.map((i) => ofSet[i]!), reals[label]!.map((i) => ofReal[i]!)];
    const { samples, usual, copies } = nearestReal(all, some, copyShare === undefined ? {} : { copyShare });
    const nearest = samples.reduce((sum, { distance }) => sum + distance, 0) / samples.length;
    return {
      class: name,
      images: some.length,
      real: all.length,
      ...precisionRecall(all, some, { k }),
      nearest: nearest === 0 ? 0 : nearest / usual,
      copies,
    };
  });
}

function expectClasses(of: string, classes: readonly string[], real: readonly string[]): void {
  const other = real.findIndex((name, i) => name !== classes[i]);
  if (other < 0 && classes.length === real.length) return;
  const place = other < 0 ? real.length : other;
  throw new Error(
    `Expected the ${of}'s classes to be those of the real images, in order; class ${place} is '${classes[place]}' there and '${real[place]}' here.`,
  );
}
