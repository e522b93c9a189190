/** Functions of rows for what a bare accuracy hides: labels, epochs, bytes, and DD-Ranking's score. */
import { meanAndDeviation, type ResultRow, type Scalar } from '../charts';
import { labelRobustScore } from '../evaluation';
import type { ExperimentRow } from './experiment-row';

/** A row per place of a table: accuracy at the last and best epoch, kind of labels, bytes of images and labels. */
export function fairnessRows(rows: readonly ExperimentRow[], axes: readonly string[]): ResultRow[] {
  return [...grouped(rows, [...axes, 'labels'])].map(([, alike]) => {
    const { labels, teacherBytes, teacherAccuracy } = alike[0]!;
    const last = meanAndDeviation(alike.map(({ accuracy }) => 100 * accuracy));
    const best = meanAndDeviation(alike.map(({ bestAccuracy }) => 100 * bestAccuracy));
    return {
      ...Object.fromEntries(axes.map((axis) => [axis, alike[0]![axis] as Scalar])),
      labels,
      'last epoch (%)': last.mean,
      'last, sd': finite(last.sd),
      'best epoch (%)': best.mean,
      'best, sd': finite(best.sd),
      n: last.n,
      'images (kB)': meanAndDeviation(alike.map(({ imageBytes }) => imageBytes)).mean / 1000,
      'labels (kB)': meanAndDeviation(alike.map(({ labelBytes }) => labelBytes)).mean / 1000,
      'teacher (kB)': teacherBytes / 1000,
      'teacher (%)': teacherAccuracy === null ? null : 100 * teacherAccuracy,
    };
  });
}

/** A set's label-robust score (LRS) with its parts. All in 0 … 1, except the two differences. */
export type RankedRow = {
  method: string;
  hard: number;
  soft: number;
  random: number;
  full: number;
  hardLabelRecovery: number;
  improvementOverRandom: number;
  score: number;
};

/**
 * LRS of each method, from rows of one dataset and number of images, with soft and with hard labels. The baseline is the
 * rows of method 'random'; the full dataset's accuracy is the teacher's. DD-Ranking takes the student's network trained on
 * the full dataset with class labels; the teacher may be another network and have seen other images. That moves every
 * method's HLR by one constant: methods compare with each other, and not with DD-Ranking's own figures.
 * @returns no row for a method that lacks soft or hard labels, and none at all without random images or a teacher
 */
export function labelRobustRows(rows: readonly ExperimentRow[]): RankedRow[] {
  const mean = (method: Scalar | undefined, labels: string): number | undefined => {
    const alike = rows.filter((row) => row.method === method && row.labels === labels);
    return alike.length === 0 ? undefined : meanAndDeviation(alike.map(({ accuracy }) => accuracy)).mean;
  };
  const full = rows.find(({ teacherAccuracy }) => teacherAccuracy !== null)?.teacherAccuracy;
  const random = mean('random', 'soft');
  if (typeof full !== 'number' || random === undefined) return [];
  return [...new Set(rows.map(({ method }) => String(method)))].flatMap((method) => {
    const [hard, soft] = [mean(method, 'hard'), mean(method, 'soft')];
    if (hard === undefined || soft === undefined) return [];
    const scores = labelRobustScore({ fullHard: full, setHard: hard, setAny: soft, randomAny: random });
    return [{ method, hard, soft, random, full, ...scores }];
  });
}

function grouped(rows: readonly ExperimentRow[], fields: readonly string[]): Map<string, ExperimentRow[]> {
  const groups = new Map<string, ExperimentRow[]>();
  for (const row of rows) {
    const key = JSON.stringify(fields.map((field) => row[field]));
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return groups;
}

/** null for NaN: the deviation of a single row. */
const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);
