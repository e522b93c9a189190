/** How many of a class's modes a distilled set spans. */
import type { AnnotatedDataset } from '../datasets';
import type { DistilledSet } from '../methods';
import { localiseBox } from './localisation';

export interface CoverageOptions {
  /**
   * A patch shows its image's mode if it holds at least this share of the object, 0 … 1. A patch of background covers
   * no mode. @default 0.5
   */
  leastObjectShare?: number;
}

/** One class's modes in a distilled set. */
export interface ClassCoverage {
  class: string;
  modes: number;
  covered: number;
  /** Patches that show each mode, in the order of the dataset's modes. */
  counts: number[];
  /** exp(entropy of the counts): the number of modes if all are shown equally often; 0 if none is shown. */
  effectiveModes: number;
}

export interface CoverageReport {
  classes: ClassCoverage[];
  /** Covered modes over all modes, 0 … 1. */
  share: number;
  /** Mean over classes of effectiveModes / modes, 0 … 1. */
  evenness: number;
  /** Number of patches that show a mode, and of all patches. */
  showing: number;
  patches: number;
}

/**
 * Counts, for each class, the modes that the set's patches show, by the masks and mode labels of the source dataset.
 * @throws when the set comes from another dataset, has no images, or has an image of an unknown class.
 */
export async function modeCoverage(
  set: DistilledSet,
  dataset: AnnotatedDataset,
  { leastObjectShare = 0.5 }: CoverageOptions = {},
): Promise<CoverageReport> {
  if (set.dataset.fingerprint !== dataset.fingerprint) {
    throw new Error(
      `Expected the dataset that the set was made from, '${set.dataset.name}' (${set.dataset.fingerprint}), got '${dataset.name}' (${dataset.fingerprint}).`,
    );
  }
  const stray = set.images.findIndex(({ label }) => dataset.modes[label] === undefined);
  if (set.images.length === 0) throw new Error(`Expected '${set.method}' to have images, got none.`);
  if (stray >= 0) {
    throw new Error(
      `Expected labels of the dataset's ${dataset.classes.length} classes, got ${set.images[stray]!.label} in image ${stray} of '${set.method}'.`,
    );
  }
  const size = { height: dataset.size, width: dataset.size };
  const counts = dataset.modes.map((modes) => modes.map(() => 0));
  let [showing, patches] = [0, 0];
  for (const { label, sources } of set.images) {
    for (const { image, box } of sources) {
      patches += 1;
      const { objectShare } = localiseBox(await dataset.mask(image), box, size);
      if (objectShare < leastObjectShare) continue;
      showing += 1;
      counts[label]![dataset.mode(image)]! += 1;
    }
  }
  const classes = counts.map((row, label) => ({
    class: dataset.classes[label]!,
    modes: row.length,
    covered: row.filter((count) => count > 0).length,
    counts: row,
    effectiveModes: effectiveNumber(row),
  }));
  const total = (of: (coverage: ClassCoverage) => number): number =>
    classes.reduce((sum, coverage) => sum + of(coverage), 0);
  return {
    classes,
    share: total(({ covered }) => covered) / total(({ modes }) => modes),
    evenness: total(({ effectiveModes, modes }) => effectiveModes / modes) / classes.length,
    showing,
    patches,
  };
}

/** exp of the entropy of counts. */
function effectiveNumber(counts: readonly number[]): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return 0;
  const entropy = counts.reduce((sum, count) => (count > 0 ? sum - (count / total) * Math.log(count / total) : sum), 0);
  return Math.exp(entropy);
}
