/** Which patches are wrong, and why: candidates and choices against the masks of the embedded world. */
import { annotated } from '../../datasets';
import { localiseBox } from '../../evaluation';
import type { Candidates, Selection } from '../../methods';
import { type RunOptions, run } from '../../sweeps';
import type { BoundDistillation } from './bind';

/** A patch with its ground truth. */
export interface JudgedPatch {
  className: string;
  score: number;
  /** Share of the object's pixels inside the patch, 0 … 1. */
  objectShare: number;
  /** 0 for the best patch of its image, 1 for the second, … */
  place: number;
  /** Rank of its cluster, 0 = first; -1 for one taken by score alone, undefined for one that wasn't taken. */
  cluster: number | undefined;
}

/** A group of patches. Shares in 0 … 1. */
export interface DiagnosisRow {
  patches: string;
  n: number;
  /** Mean share of the object that a patch holds. */
  objectShare: number;
  /** Patches that hold at least half of it. */
  holding: number;
}

/** Diagnosis of a selection. */
export interface Diagnosis {
  /** Groups of patches: by their place in the image, by whether and from which cluster they were taken. */
  rows: DiagnosisRow[];
  /**
   * Rank correlation of score and object share over the best patches of a class's images, averaged over classes. Near zero,
   * scores don't compare between images: a high one doesn't mean that the object is there.
   */
  scoreAgainstObject: number;
}

/**
 * Judges every candidate and every choice of a selection by the masks.
 * @throws where the dataset has no ground truth
 */
export async function diagnosisOf(selection: BoundDistillation, options: RunOptions = {}): Promise<Diagnosis> {
  const dataset = annotated(selection.dataset);
  const { output: candidates } = await run(
    selection.classes.map(({ candidates: found }) => found),
    options,
  );
  const { output: selections } = await run(
    selection.classes.map(({ selection: chosen }) => chosen),
    options,
  );
  const judged: JudgedPatch[] = [];
  for (const [label, { name, images }] of selection.classes.entries()) {
    const [found, chosen] = [candidates[label]!, selections[label]!];
    const masks = await Promise.all(images.map((image) => dataset.mask(image)));
    judged.push(...judge(name, { found, chosen, masks }));
  }
  return diagnose(judged);
}

function judge(
  className: string,
  { found, chosen, masks }: { found: Candidates; chosen: Selection; masks: readonly Uint8Array[] },
): JudgedPatch[] {
  const taken = new Map(chosen.picks.map(({ patch, cluster }) => [patch, cluster]));
  const seen = new Map<number, number>();
  return found.patches.map(({ image, box, score }, patch) => {
    const place = seen.get(image) ?? 0;
    seen.set(image, place + 1);
    const { height, width } = found.images[image]!;
    const { objectShare } = localiseBox(masks[image]!, box, { height, width });
    return { className, score, objectShare, place, cluster: taken.get(patch) };
  });
}

/** The rows and the correlation of judged patches. @throws when there are none */
export function diagnose(patches: readonly JudgedPatch[]): Diagnosis {
  if (patches.length === 0) throw new Error('Expected judged patches, got none.');
  const places = [...new Set(patches.map(({ place }) => place))].sort((a, b) => a - b);
  const taken = patches.filter(({ cluster }) => cluster !== undefined);
  const clusters = [...new Set(taken.map(({ cluster }) => cluster!))].sort((a, b) => a - b);
  const rows = [
    ...places.map((place) =>
      row(
        `candidates, ${ordinal(place)} of their image`,
        patches.filter((one) => one.place === place),
      ),
    ),
    row('chosen', taken),
    ...places.map((place) =>
      row(
        `chosen, ${ordinal(place)} of their image`,
        taken.filter((one) => one.place === place),
      ),
    ),
    ...clusters.map((cluster) =>
      row(
        cluster < 0 ? 'chosen by score alone' : `chosen from cluster ${cluster + 1}`,
        taken.filter((one) => one.cluster === cluster),
      ),
    ),
  ];
  const classes = [...new Set(patches.map(({ className }) => className))];
  const correlations = classes.map((name) => {
    const best = patches.filter(({ className, place }) => className === name && place === 0);
    return rankCorrelation(
      best.map(({ score }) => score),
      best.map(({ objectShare }) => objectShare),
    );
  });
  return { rows: rows.filter(({ n }) => n > 0), scoreAgainstObject: mean(correlations) };
}

const ordinal = (place: number): string => ['best', 'second best', 'third best'][place] ?? `${place + 1}th best`;

function row(patches: string, some: readonly JudgedPatch[]): DiagnosisRow {
  return {
    patches,
    n: some.length,
    objectShare: mean(some.map(({ objectShare }) => objectShare)),
    holding: mean(some.map(({ objectShare }) => (objectShare >= 0.5 ? 1 : 0))),
  };
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Spearman's: Pearson's correlation of the ranks, equal values sharing their mean rank. NaN where one side is constant. */
export function rankCorrelation(a: readonly number[], b: readonly number[]): number {
  const [left, right] = [ranks(a), ranks(b)];
  const [middleLeft, middleRight] = [mean(left), mean(right)];
  let [both, squaresLeft, squaresRight] = [0, 0, 0];
  for (const [i, value] of left.entries()) {
    const [x, y] = [value - middleLeft, right[i]! - middleRight];
    both += x * y;
    squaresLeft += x * x;
    squaresRight += y * y;
  }
  return both / Math.sqrt(squaresLeft * squaresRight);
}

function ranks(values: readonly number[]): number[] {
  const order = [...values.keys()].sort((i, j) => values[i]! - values[j]!);
  const found = new Array<number>(values.length);
  for (let start = 0; start < order.length; ) {
    let end = start;
    while (end + 1 < order.length && values[order[end + 1]!] === values[order[start]!]) end++;
    for (let k = start; k <= end; k++) found[order[k]!] = (start + end) / 2;
    start = end + 1;
  }
  return found;
}
