/** Any list of rows, or an Arquero table, as a formatted table of its first rows and the total count. */
import { expectAtLeast, expectDigits } from './checks';
import { inspect } from 'node:util';
import { escapeHtml, shorten } from './escape';
import { MIME, type MimeBundle } from './mime';
import { RESULT_ROW_LIMIT, type Results, type Scalar } from './results';
import { LEFT, styledHtml, titleHtml } from './style';
import { align } from './table-text';

export interface PlainTableOptions {
  title?: string;
  /** Rows shown. Default: 20. */
  limit?: number;
  /** Columns shown, in this order. Default: all, in order of appearance. */
  columns?: readonly string[];
  /** Significant digits of fractions. Default: 4. */
  digits?: number;
  /** With a name, the rows are also added as data, for `share` and `verify`. */
  name?: string;
  /** With `name`: columns that identify a row. Default: those that hold no number. */
  keys?: readonly string[];
}

/** The part of an Arquero table that is used here. */
export interface ArqueroLike {
  columnNames(): string[];
  numRows(): number;
  objects(options?: { limit?: number }): object[];
}

export function isArquero(value: unknown): value is ArqueroLike {
  const table = value as Partial<ArqueroLike> | null | undefined;
  return (
    typeof table?.columnNames === 'function' &&
    typeof table.numRows === 'function' &&
    typeof table.objects === 'function'
  );
}

/** A non-empty array of plain objects. */
export function isRows(value: unknown): value is Record<string, unknown>[] {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((row) => typeof row === 'object' && row !== null && !Array.isArray(row) && !ArrayBuffer.isView(row))
  );
}

const CELL_LENGTH = 120;

/** Cells with more characters may wrap where the page is too narrow. */
const LINE_LENGTH = 32;

/**
 * The bundle of a plain table: HTML, text, and (with a name) the rows as data.
 * @throws RangeError for an invalid limit or number of digits, an empty list of columns, or a column that no row has
 */
export function plainTableBundle(
  table: ArqueroLike | readonly Record<string, unknown>[],
  options: PlainTableOptions = {},
): MimeBundle {
  const { limit = 20, digits = 4, title, name } = options;
  expectAtLeast(1, { limit });
  expectDigits(digits, { least: 1 });
  expectColumns(table, options);
  const total = isArquero(table) ? table.numRows() : table.length;
  const rows = (isArquero(table) ? table.objects({ limit }) : table.slice(0, limit)) as Record<string, unknown>[];
  const columns = [
    ...(options.columns ?? (isArquero(table) ? table.columnNames() : new Set(rows.flatMap(Object.keys)))),
  ];
  const numeric = columns.map((column) => rows.every((row) => row[column] == null || typeof row[column] === 'number'));
  const grid = rows.map((row) => columns.map((column) => formatCell(row[column], digits)));
  const rest =
    total > rows.length
      ? `${rows.length} of ${total.toLocaleString('en')} rows`
      : `${total} ${total === 1 ? 'row' : 'rows'}`;
  const side = (c: number) => (numeric[c] ? 'align="right"' : LEFT);
  const wrap = (cell: string) => (cell.length > LINE_LENGTH ? ' class="sh-wrap"' : '');
  const head = columns.map((column, c) => `<th ${side(c)}>${escapeHtml(column)}</th>`).join('');
  const body = grid
    .map((line) => `<tr>${line.map((cell, c) => `<td ${side(c)}${wrap(cell)}>${escapeHtml(cell)}</td>`).join('')}</tr>`)
    .join('');
  const html = `${titleHtml(title)}<table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table><div class="sh-foot">${rest}</div>`;
  const text = [...(title ? [title] : []), ...align([columns, ...grid], (c) => !numeric[c]), rest].join('\n');
  return {
    [MIME.html]: styledHtml(html),
    ...(name !== undefined && { [MIME.results]: rowsAsResults(table, name, options) }),
    [MIME.text]: text,
  };
}

function expectColumns(
  table: ArqueroLike | readonly Record<string, unknown>[],
  { columns, keys = [] }: PlainTableOptions,
): void {
  if (columns?.length === 0)
    throw new RangeError('Expected columns to name at least one, got none. Leave it out for all.');
  const known = new Set(isArquero(table) ? table.columnNames() : table.flatMap(Object.keys));
  const unknown = [...(columns ?? []), ...keys].find((column) => !known.has(column));
  if (unknown === undefined) return;
  throw new RangeError(`Expected columns of the rows (${[...known].join(', ')}), got '${unknown}'.`);
}

function rowsAsResults(
  table: ArqueroLike | readonly Record<string, unknown>[],
  name: string,
  options: PlainTableOptions,
): Results {
  const all = (
    isArquero(table) ? table.objects({ limit: RESULT_ROW_LIMIT }) : table.slice(0, RESULT_ROW_LIMIT)
  ) as Record<string, unknown>[];
  const columns = [...new Set(all.flatMap(Object.keys))];
  const isMeasure = (column: string) => all.some((row) => typeof row[column] === 'number');
  const keys = [...(options.keys ?? columns.filter((column) => !isMeasure(column)))];
  const rows = all.map((row) => Object.fromEntries(columns.map((column) => [column, scalar(row[column])])));
  return {
    name,
    ...(options.title !== undefined && { title: options.title }),
    keys,
    values: columns.filter((column) => isMeasure(column) && !keys.includes(column)).map((field) => ({ field })),
    rows,
  };
}

function scalar(value: unknown): Scalar {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  return value === null || value === undefined ? null : formatCell(value, 6);
}

/** One cell as text: whole numbers as they are, fractions to `digits` significant digits, long values cut. */
function formatCell(value: unknown, digits = 4): string {
  if (value === null || value === undefined) return '–';
  if (typeof value === 'number') return formatNumber(value, digits);
  if (value instanceof Date) return dateText(value);
  if (ArrayBuffer.isView(value)) return `${value.constructor.name}(${(value as Uint8Array).length})`;
  if (typeof value === 'object') return shorten(objectText(value), CELL_LENGTH);
  return shorten(String(value).replaceAll('\n', '⏎'), CELL_LENGTH);
}

/** '2026-11-21 10:45:58Z' */
function dateText(date: Date): string {
  if (Number.isNaN(date.getTime())) return 'Invalid Date';
  return date
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, 'Z');
}

/** As JSON; as Node prints it where JSON can't hold it (circular references, bigint) or would lose it (Map, NaN). */
function objectText(value: object): string {
  const lost = (inner: unknown): boolean =>
    typeof inner === 'bigint' ||
    (typeof inner === 'number' && !Number.isFinite(inner)) ||
    inner instanceof Map ||
    inner instanceof Set;
  try {
    let whole = true;
    const json = JSON.stringify(value, (_, inner: unknown) => {
      if (lost(inner)) whole = false;
      return typeof inner === 'bigint' ? String(inner) : inner;
    });
    if (whole && json !== undefined) return json;
  } catch {
    // A circular reference, or a toJSON that throws: printed by Node below.
  }
  return inspect(value, { depth: 2, breakLength: Number.POSITIVE_INFINITY, compact: true });
}

/** 3 → '3', 0.123456 → '0.1235', 1e-9 → '1.000e-9'. */
export function formatNumber(value: number, digits = 4): string {
  if (!Number.isFinite(value) || Number.isInteger(value)) return String(value);
  const size = Math.abs(value);
  if (size < 1e-3 || size >= 1e7) return value.toExponential(digits - 1);
  return size >= 10 ** digits ? value.toFixed(1) : value.toPrecision(digits);
}
