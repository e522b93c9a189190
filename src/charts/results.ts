/** Results as data inside a notebook: what `share` offers as CSV and `verify` compares. */

export type Scalar = string | number | boolean | null;

/** One observation or one cell of a table: setting fields and measured fields. */
export type ResultRow = Readonly<Record<string, Scalar | undefined>>;

/** The content of `application/vnd.stillhouse.results+json`. */
export interface Results {
  /** Identifies the result within its notebook: two runs are compared by it. */
  name: string;
  title?: string;
  /** Columns that say which setting a row is; together they identify it. */
  keys: string[];
  /** Columns that were measured. */
  values: ResultColumn[];
  rows: Record<string, Scalar>[];
  /** Anything that helps to repeat it: seeds, fingerprints, settings. */
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
   * `measure` (default) is compared by `verify`; `time` changes on every machine and is only reported; `reference` is
   * a published figure, which no run can move.
   */
  role?: 'measure' | 'time' | 'reference';
}

/** The columns of a result's figures: their own names, but where a setting is called so ('n') one with the measure's. */
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

/** A value as an error names it: NaN and the infinities too, which JSON writes as null. */
export function shownValue(value: unknown): string {
  const withNumbers = (_: string, inner: unknown) =>
    typeof inner === 'number' && !Number.isFinite(inner) ? String(inner) : inner;
  return typeof value === 'number' ? String(value) : (JSON.stringify(value, withNumbers) ?? String(value));
}

/** @throws TypeError unless it is a list of objects, naming the first that is none */
export function expectRows(rows: unknown): asserts rows is readonly ResultRow[] {
  if (!Array.isArray(rows)) throw new TypeError(`Expected a list of rows, got ${shownValue(rows)}.`);
  const at = rows.findIndex((row) => typeof row !== 'object' || row === null);
  if (at >= 0) {
    throw new TypeError(
      `Expected every row to be an object such as { method: 'ours', accuracy: 0.5 }, got ${shownValue(rows[at])} at ${at}.`,
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

/** The columns of a result in the order to read them: what a row is, what was measured, the rest (a saved notebook sorts them). */
export function columnsOf({ keys, values, rows }: Results): string[] {
  const measured = values.flatMap(({ field, spread, count }) => [field, spread, count]);
  const found = new Set(rows.flatMap(Object.keys));
  const ordered = new Set([...keys, ...measured.filter((column) => column !== undefined), ...found]);
  return [...ordered].filter((column) => found.has(column));
}

/** Rows as CSV (RFC 4180): header, comma, CRLF-free, quoted where needed. */
export function rowsToCsv(rows: readonly ResultRow[], columns = [...new Set(rows.flatMap(Object.keys))]): string {
  const line = (cells: (Scalar | undefined)[]) => cells.map(csvCell).join(',');
  return `${[line(columns), ...rows.map((row) => line(columns.map((column) => row[column])))].join('\n')}\n`;
}

function csvCell(value: Scalar | undefined): string {
  if (value === null || value === undefined) return '';
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
