/** Results as data inside a notebook: what `share` offers as CSV and `verify` compares. */

export type Scalar = string | number | boolean | null;

/** One observation or one cell of a table: setting fields and measured fields. */
export type ResultRow = Readonly<Record<string, Scalar | undefined>>;

/** The content of `application/vnd.stillhouse.results+json`. */
export interface Results {
  /** Identifies the result within its notebook, so that two runs can be compared. */
  name: string;
  title?: string;
  /** Columns that hold the setting of a row; together they identify the row. */
  keys: string[];
  /** Columns that were measured. */
  values: ResultColumn[];
  rows: Record<string, Scalar>[];
  /** Anything that helps to reproduce the result: seeds, fingerprints, settings. */
  metadata?: Record<string, unknown>;
}

export interface ResultColumn {
  field: string;
  /** Column that holds the standard deviation of `field`. */
  spread?: string;
  /** Column that holds the number of observations. */
  count?: string;
  unit?: string;
  /**
   * `measure` (default) is compared by `verify`; `time` differs from machine to machine and is only reported; `reference`
   * is a published figure, which doesn't depend on the run.
   */
  role?: 'measure' | 'time' | 'reference';
}

/** Column names of a result's figures: 'n', or 'accuracy_n' where a setting is called 'n' already. */
export function figureColumns<Figure extends string>(
  figures: readonly Figure[],
  { keys, measure }: { keys: readonly string[]; measure: string },
): Record<Figure, string> {
  const named = (name: string): string => (keys.includes(name) ? named(`${measure}_${name}`) : name);
  return Object.fromEntries(figures.map((figure) => [figure, named(figure)])) as Record<Figure, string>;
}

/** More rows than this are cut from a notebook's output (the store keeps them all). */
export const RESULT_ROW_LIMIT = 20_000;

/** A number that JSON can hold: null in place of NaN and the infinities. */
export function jsonNumber(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null;
}

/** A value as text for an error message, including NaN and the infinities, which JSON writes as null. */
export function shownValue(value: unknown): string {
  const withNumbers = (_: string, inner: unknown) =>
    typeof inner === 'number' && !Number.isFinite(inner) ? String(inner) : inner;
  return typeof value === 'number' ? String(value) : (JSON.stringify(value, withNumbers) ?? String(value));
}

/** @throws TypeError unless it is a list of objects, naming the first item that isn't one */
export function expectRows(rows: unknown): asserts rows is readonly ResultRow[] {
  if (!Array.isArray(rows)) throw new TypeError(`Expected a list of rows, got ${shownValue(rows)}.`);
  const at = rows.findIndex((row) => typeof row !== 'object' || row === null);
  if (at >= 0) {
    throw new TypeError(
      `Expected every row to be an object such as { method: 'ours', accuracy: 0.5 }, got ${shownValue(rows[at])} at index ${at}.`,
    );
  }
}

/** The measured number of a row. @throws TypeError unless it is a finite number */
export function measuredNumber(row: ResultRow, field: string): number {
  const value = row[field];
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw new TypeError(
    `Expected field '${field}' of every row to be a finite number, got ${shownValue(value)} in ${shownValue(row)}. Leave failed runs out; null says that a cell was not run.`,
  );
}

/** The columns of a result in reading order: keys, measures, the rest. Saved notebooks sort them by name. */
export function columnsOf({ keys, values, rows }: Results): string[] {
  const measured = values.flatMap(({ field, spread, count }) => [field, spread, count]);
  const found = new Set(rows.flatMap(Object.keys));
  const ordered = new Set([...keys, ...measured.filter((column) => column !== undefined), ...found]);
  return [...ordered].filter((column) => found.has(column));
}

/** Rows as CSV (RFC 4180, but with LF line ends): a header, commas, quotes where needed. */
export function rowsToCsv(rows: readonly ResultRow[], columns = [...new Set(rows.flatMap(Object.keys))]): string {
  const line = (cells: (Scalar | undefined)[]) => cells.map(csvCell).join(',');
  return `${[line(columns), ...rows.map((row) => line(columns.map((column) => row[column])))].join('\n')}\n`;
}

function csvCell(value: Scalar | undefined): string {
  if (value === null || value === undefined) return '';
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
