/** Compares two runs of the same results, number by number. */
import type { ResultColumn, Results, Scalar } from '../results';

/**
 * - `same`: equal within a relative error of 1e-9;
 * - `within`: moved by at most one standard deviation over the seeds (the larger of the two runs');
 * - `moved`: moved by more, or by anything where there is no standard deviation;
 * - `time`: a duration, which is reported but not judged;
 * - `missing`, `new`: in one run only.
 */
export type Verdict = 'same' | 'within' | 'moved' | 'time' | 'missing' | 'new';

/** One number in both runs. */
export interface Difference {
  result: string;
  /** The setting: 'method RDED, ipc 10'. */
  setting: string;
  field: string;
  before: number | null;
  after: number | null;
  /** Standard deviation by which it is judged; null if there is none. */
  spread: number | null;
  verdict: Verdict;
}

/**
 * Compares the recorded results with those of a new run.
 * @returns one entry per number, in recorded order; new ones last.
 */
export function compareResults(before: readonly Results[], after: readonly Results[]): Difference[] {
  const fresh = new Map(after.map((results) => [results.name, results]));
  const known = new Set(before.map(({ name }) => name));
  return [
    ...before.flatMap((results) => compareOne(results, fresh.get(results.name))),
    ...after.filter(({ name }) => !known.has(name)).flatMap((results) => compareOne(undefined, results)),
  ];
}

type Row = Record<string, Scalar>;

function compareOne(before: Results | undefined, after: Results | undefined): Difference[] {
  const shape = (before ?? after) as Results;
  const [old, fresh] = [rowsByKey(before, shape.keys), rowsByKey(after, shape.keys)];
  const columns = shape.values.filter(({ role }) => role !== 'reference');
  return [...new Set([...old.keys(), ...fresh.keys()])].flatMap((key) => {
    const [oldRow, newRow] = [old.get(key), fresh.get(key)];
    const setting = settingText((oldRow ?? newRow) as Row, shape.keys);
    return columns.flatMap((column): Difference[] => {
      const [was, is] = [number(oldRow?.[column.field]), number(newRow?.[column.field])];
      if (was === null && is === null) return [];
      const spread = spreadOf(column, oldRow, newRow);
      return [
        {
          result: shape.name,
          setting,
          field: column.field,
          before: was,
          after: is,
          spread,
          verdict: verdict(was, is, spread, column),
        },
      ];
    });
  });
}

function verdict(before: number | null, after: number | null, spread: number | null, { role }: ResultColumn): Verdict {
  if (after === null) return 'missing';
  if (before === null) return 'new';
  if (role === 'time') return 'time';
  const moved = Math.abs(after - before);
  if (moved <= 1e-9 * Math.max(Math.abs(before), Math.abs(after))) return 'same';
  return spread !== null && moved <= spread ? 'within' : 'moved';
}

function spreadOf({ spread }: ResultColumn, before: Row | undefined, after: Row | undefined): number | null {
  if (spread === undefined) return null;
  const found = [number(before?.[spread]), number(after?.[spread])].filter((value) => value !== null);
  return found.length ? Math.max(...found) : null;
}

/** Rows by the values of their keys; rows with equal keys are numbered in order. */
function rowsByKey(results: Results | undefined, keys: readonly string[]): Map<string, Row> {
  const rows = new Map<string, Row>();
  for (const row of results?.rows ?? []) {
    const key = JSON.stringify(keys.map((name) => row[name] ?? null));
    let place = key;
    for (let again = 2; rows.has(place); again++) place = `${key}#${again}`;
    rows.set(place, row);
  }
  return rows;
}

function settingText(row: Row, keys: readonly string[]): string {
  return keys.map((key) => (typeof row[key] === 'string' ? row[key] : `${key} ${row[key] ?? '–'}`)).join(', ');
}

const number = (value: Scalar | undefined): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? value : null;
