/** What a bare accuracy hides, as functions of rows: labels, epochs, bytes, and DD-Ranking's score. */
import { meanAndDeviation, type ResultRow, type Scalar } from '../charts';
import { labelRobustScore } from '../evaluation';
import type { ExperimentRow } from './experiment-row';

/** A line per place of a table: last and best epoch, the family of labels, and what images and labels weigh. */
export function fairnessRows(rows: readonly ExperimentRow[], axes: readonly string[]): ResultRow[] {
  return [...grouped(rows, [...axes, 'labels'])].map(([, alike]) => {
    const { labels, teacherBytes } = alike[0]!;
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
    };
  });
}

/** A set's label-robust score beside what it is made of. All 0 … 1, but for the two differences. */
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
 * LRS of each method, from rows of one dataset and number of images, with soft and with hard labels. Random images are the
 * rows of method 'random'; for all real images stands the network that labels, which was trained on them with class labels.
 * @returns none of a method that lacks one of the two families, nor any where random images or the teacher are lacking
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

/** One row has no spread. */
const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);
