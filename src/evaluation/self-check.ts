/** Tests a teacher before it labels: with a wrong class order or lost weights, every student would be worthless. */
import type { LongTask } from '../engine';
import { confusion, predict, shareRight } from './accuracy';
import type { LabelledImages } from './images';
import type { Classifier } from './networks';

/** Thrown for a teacher that must not label, because its answers don't fit the validation images. */
export class UnfitTeacherError extends Error {
  override readonly name = 'UnfitTeacherError';
  constructor(
    message: string,
    /** Top-1 on the validation images, 0 … 1. */
    readonly accuracy: number,
  ) {
    super(message);
  }
}

/**
 * Tests a teacher on validation images before it labels anything.
 * @returns its top-1, 0 … 1
 * @throws UnfitTeacherError when the classes are in another order, or the accuracy is below twice chance; it names the
 *   likely cause: class order, weights not loaded, or parts that don't belong together.
 */
export async function selfCheck(
  { network, classes, size }: { network: Classifier; classes: readonly string[]; size: number },
  validation: LabelledImages,
  task: LongTask = {},
): Promise<number> {
  if (validation.size !== size) {
    throw new Error(`Expected validation images of ${size} pixels, the teacher's size, got ${validation.size}.`);
  }
  const answers = await predict(network, validation, task);
  const reached = shareRight(answers, validation.labels);
  const other = classes.findIndex((name, i) => name !== validation.classes[i]);
  if (other >= 0 || classes.length !== validation.classes.length) {
    const place = other >= 0 ? other : classes.length;
    throw new UnfitTeacherError(
      `Expected the teacher's classes to be those of the validation images, in order; class ${place} is '${classes[place]}' to the teacher and '${validation.classes[place]}' there (accuracy ${percent(reached)}). Load both with one class list.`,
      reached,
    );
  }
  checkTeacher(reached, classes.length, likelyCause(answers, validation, reached));
  return reached;
}

/**
 * Refuses a teacher near chance.
 * @throws UnfitTeacherError with the likely cause.
 */
export function checkTeacher(
  reached: number,
  classes: number,
  cause = "Check that its classes are in the dataset's order and that it sees images of the size and normalisation it was trained on.",
): void {
  if (reached >= Math.min(2 / classes, 0.6)) return;
  throw new UnfitTeacherError(
    `Expected the teacher to be well above chance (${percent(1 / classes)}) on validation images, it reaches ${percent(reached)}. It labels nothing. ${cause}`,
    reached,
  );
}

function likelyCause(answers: Int32Array, { labels, classes }: LabelledImages, reached: number): string {
  const table = confusion(answers, labels, classes.length);
  // The teacher's accuracy if each class were renamed to its most frequent answer.
  const renamed = table.reduce((sum, row) => sum + Math.max(...row), 0) / labels.length;
  const distinct = new Set(table.map((row) => row.indexOf(Math.max(...row)))).size;
  if (distinct > classes.length / 2 && renamed > Math.max(0.3, 3 * reached)) {
    return `With its classes renamed it would reach ${percent(renamed)}: their order, or the folder names, differ from those it was trained with. Load both with one class list.`;
  }
  if (distinct === 1) {
    return 'It gives one answer to every class: check that its weights were loaded, and its normalisation.';
  }
  return 'Check that weights, architecture (stem, norm), image size and normalisation belong together, and that it was trained for long enough.';
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
