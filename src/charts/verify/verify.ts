/** `verify`: runs an executed notebook again and reports which of its numbers moved. */
import { duration } from '../../common';
import { formatNumber } from '../plain-table';
import { type Notebook, readNotebook, resultsOf } from '../share/notebook';
import { align } from '../table-text';
import { compareResults, type Difference, type Verdict } from './compare';
import { executeNotebook } from './execute';

export interface VerifyOptions {
  /** Runs the notebook. Default: `executeNotebook`. */
  execute?: (path: string) => Promise<Notebook>;
}

/** The result of a verification. */
export interface Verification {
  path: string;
  differences: Difference[];
  /** How many numbers have each verdict. */
  counts: Record<Verdict, number>;
  /** Whether no number is missing or has moved by more than its standard deviation. */
  holds: boolean;
  seconds: number;
  /** The report, for a terminal. */
  text: string;
}

/**
 * Re-executes a notebook and compares the results that its outputs carry (`show` of a results table, or of rows with a
 * name, puts them there) with those of the new run. The notebook itself is left as it is.
 * @throws when the notebook carries no results, or a cell fails.
 */
export async function verify(path: string, { execute = executeNotebook }: VerifyOptions = {}): Promise<Verification> {
  const before = resultsOf(await readNotebook(path));
  if (before.length === 0) {
    throw new Error(
      `Expected ${path} to carry results, found none. Execute it first, and show its tables with resultsTable(…) or show(rows, { name }).`,
    );
  }
  const began = performance.now();
  const after = resultsOf(await execute(path));
  const seconds = (performance.now() - began) / 1000;
  const differences = compareResults(before, after);
  const counts: Record<Verdict, number> = { same: 0, within: 0, moved: 0, time: 0, missing: 0, new: 0 };
  for (const { verdict } of differences) counts[verdict]++;
  const holds = counts.moved + counts.missing === 0;
  return { path, differences, counts, holds, seconds, text: reportText(path, differences, counts, seconds) };
}

const WORDS: Record<Verdict, string> = {
  same: 'the same',
  within: 'moved within one sd of the seeds',
  moved: 'moved by more',
  time: 'times, not judged',
  missing: 'missing in the new run',
  new: 'new',
};

/** The numbers that aren't the same, moved ones first, then the count of each verdict. */
function reportText(
  path: string,
  differences: readonly Difference[],
  counts: Record<Verdict, number>,
  seconds: number,
): string {
  const shown = differences
    .filter(({ verdict }) => verdict !== 'same')
    .sort((a, b) => ORDER.indexOf(a.verdict) - ORDER.indexOf(b.verdict) || size(b) - size(a));
  const head = ['result', 'setting', 'number', 'recorded', 'now', 'moved by', 'of its sd', ''];
  const lines = shown.slice(0, 100).map(({ result, setting, field, before, after, spread, verdict }) => {
    const by = before !== null && after !== null ? after - before : undefined;
    const share = by !== undefined && spread ? `${Math.abs(by / spread).toFixed(2)}` : '–';
    return [
      result,
      setting,
      field,
      shownNumber(before),
      shownNumber(after),
      by === undefined ? '–' : `${by > 0 ? '+' : ''}${formatNumber(by, 3)}`,
      share,
      WORDS[verdict],
    ];
  });
  const rest = shown.length > 100 ? [`… and ${shown.length - 100} more`] : [];
  const table = lines.length ? [...align([head, ...lines], (c) => c <= 2 || c === 7), ...rest, ''] : [];
  const summary = (Object.keys(counts) as Verdict[])
    .filter((verdict) => counts[verdict] > 0)
    .map((verdict) => `${counts[verdict]} ${WORDS[verdict]}`);
  return [
    ...table,
    `${path}: ${differences.length} numbers, run again in ${duration(seconds)}: ${summary.join(', ')}.`,
  ].join('\n');
}

const ORDER: Verdict[] = ['moved', 'missing', 'within', 'new', 'time', 'same'];
const shownNumber = (value: number | null) => (value === null ? '–' : formatNumber(value, 5));
const size = ({ before, after, spread }: Difference) =>
  Math.abs((after ?? 0) - (before ?? 0)) / (spread || Number.MIN_VALUE);
