/** Results tables: rows × columns of mean ± sd over seeds, with the published figure beside ours. */
import { DISPLAY, type Displayable, MIME, type MimeBundle } from './mime';
import { jsonNumber, type ResultRow, type Results, type Scalar } from './results';
import { meanAndDeviation, type Summary } from './statistics';
import { tableToHtml } from './table-html';
import { tableToCsv, tableToLatex, tableToMarkdown, tableToText } from './table-text';

/** A published figure: the fields that place it in the table, the figure, and what differs from our protocol. */
export interface PublishedFigure {
  /** Setting fields, as in the result rows. */
  at: Readonly<Record<string, Scalar>>;
  /** As printed: in the table's unit, so in per cent where the table is. */
  mean: number;
  sd?: number;
  n?: number;
  /** What differs from our run, in a few words: 'ResNet-18, 300 epochs, full ImageNette'. */
  differs?: string;
}

export interface ResultsTableOptions {
  /** Field (or fields) whose values are the rows. */
  rows: string | readonly string[];
  /** Field (or fields) whose values are the columns. Default: one column. */
  columns?: string | readonly string[];
  /** The measured field. */
  value: string;
  title?: string;
  /** Identifies the table among a notebook's results. Default: the title, else the value's name. */
  name?: string;
  /** Multiply by 100 and say %. Default: false. */
  percent?: boolean;
  /** Unit shown in the corner. Default: '%' with `percent`, else none. */
  unit?: string;
  /** Digits after the point. Default: 1. */
  digits?: number;
  /** Which end is set in bold in each column. Default: neither. */
  best?: 'highest' | 'lowest';
  /** `time` marks a measure that `verify` reports without judging. Default: 'measure'. */
  role?: 'measure' | 'time';
  published?: readonly PublishedFigure[];
  /** Where the published figures stand: 'Table 2 of arXiv 2501.01234'. */
  source?: string;
  /** Goes into the results' metadata: seeds, fingerprints, settings. */
  metadata?: Record<string, unknown>;
}

/** One place in the table: our figure, the published one, either or both. */
export interface TableCell {
  ours?: Summary;
  published?: PublishedFigure;
}

/** A heading: the field values that it stands for. */
export type Heading = Readonly<Record<string, Scalar>>;

/** A table made by `resultsTable`; shows itself, and turns into Markdown, CSV and LaTeX. */
export class ResultsTable implements Displayable {
  constructor(
    readonly options: ResultsTableOptions,
    readonly rows: readonly Heading[],
    readonly columns: readonly Heading[],
    /** `cells[row][column]` */
    readonly cells: readonly (readonly TableCell[])[],
  ) {}

  get name(): string {
    return this.options.name ?? this.options.title ?? this.options.value;
  }
  get digits(): number {
    return this.options.digits ?? 1;
  }
  get unit(): string {
    return this.options.unit ?? (this.options.percent ? '%' : '');
  }
  /** Whether any published figure stands in this column. */
  hasPublished(column: number): boolean {
    return this.cells.some((row) => row[column]?.published !== undefined);
  }
  /** The number of seeds, when all of our cells agree on it. */
  get commonCount(): number | undefined {
    const counts = new Set(this.cells.flat().flatMap(({ ours }) => (ours ? [ours.n] : [])));
    return counts.size === 1 ? [...counts][0] : undefined;
  }
  /** What differs between the published figures and ours; a cell names its notes by number, from 1. */
  get notes(): string[] {
    return [...new Set(this.cells.flat().flatMap(({ published }) => (published?.differs ? [published.differs] : [])))];
  }
  /** The number of the note that belongs to a published figure, or undefined. */
  noteNumber(published: PublishedFigure | undefined): number | undefined {
    return published?.differs ? this.notes.indexOf(published.differs) + 1 : undefined;
  }
  /** Whether our figure is the best of its column. */
  isBest(row: number, column: number): boolean {
    const { best } = this.options;
    const mine = this.cells[row]?.[column]?.ours?.mean;
    const all = this.cells.flatMap((cells) => cells[column]?.ours?.mean ?? []);
    if (!best || mine === undefined || all.length < 2) return false;
    return mine === (best === 'highest' ? Math.max(...all) : Math.min(...all));
  }

  toMarkdown(): string {
    return tableToMarkdown(this);
  }
  /** One line a cell: the setting, mean, sd, n, and the published figure. */
  toCsv(): string {
    return tableToCsv(this);
  }
  /** A booktabs `tabular`. */
  toLatex(): string {
    return tableToLatex(this);
  }
  toText(): string {
    return tableToText(this);
  }
  toHtml(): string {
    return tableToHtml(this);
  }
  /** The table as data, for `share` and `verify`. */
  toResults(): Results {
    const keys = [...new Set([...this.rows, ...this.columns].flatMap(Object.keys))];
    const compared = this.columns.some((_, column) => this.hasPublished(column));
    const rows = this.rows.flatMap((row, r) =>
      this.columns.flatMap((column, c) => {
        const { ours, published } = this.cells[r]?.[c] ?? {};
        if (!ours && !published) return [];
        return {
          ...row,
          ...column,
          mean: jsonNumber(ours?.mean),
          sd: jsonNumber(ours?.sd),
          n: ours?.n ?? null,
          ...(compared && {
            published: jsonNumber(published?.mean),
            published_sd: jsonNumber(published?.sd),
            differs: published?.differs ?? null,
          }),
        };
      }),
    );
    const { title, role = 'measure', metadata, value, source } = this.options;
    return {
      name: this.name,
      ...(title !== undefined && { title }),
      keys,
      values: [
        { field: 'mean', spread: 'sd', count: 'n', role, ...(this.unit && { unit: this.unit }) },
        ...(compared ? [{ field: 'published', spread: 'published_sd', role: 'reference' as const }] : []),
      ],
      rows,
      metadata: { measure: value, ...(source && { published: source }), ...metadata },
    };
  }

  [DISPLAY](): MimeBundle {
    return {
      [MIME.html]: this.toHtml(),
      [MIME.markdown]: this.toMarkdown(),
      [MIME.results]: this.toResults(),
      [MIME.text]: this.toText(),
    };
  }
}

/**
 * Groups result rows (one a seed) into a table of mean ± sd with n.
 * Rows and columns keep the order in which they first appear; those that only the published figures know come last.
 * @throws when a row lacks a grouping field, or its value is not a number.
 * @example
 * resultsTable(rows, { rows: 'method', columns: 'ipc', value: 'accuracy', percent: true, best: 'highest',
 *   published: [{ at: { method: 'RDED', ipc: 10 }, mean: 50.2, sd: 0.3, differs: '300 epochs' }] })
 */
export function resultsTable(rows: readonly ResultRow[], options: ResultsTableOptions): ResultsTable {
  const rowFields = [options.rows].flat();
  const columnFields = [options.columns ?? []].flat();
  const rowHeadings = new Map<string, Heading>();
  const columnHeadings = new Map<string, Heading>();
  const values = new Map<string, number[]>();
  const published = new Map<string, PublishedFigure>();
  const place = (row: ResultRow): string => {
    const rowHeading = pick(row, rowFields);
    const columnHeading = pick(row, columnFields);
    const [rowKey, columnKey] = [JSON.stringify(rowHeading), JSON.stringify(columnHeading)];
    if (!rowHeadings.has(rowKey)) rowHeadings.set(rowKey, rowHeading);
    if (!columnHeadings.has(columnKey)) columnHeadings.set(columnKey, columnHeading);
    return `${rowKey}|${columnKey}`;
  };
  for (const row of rows) {
    const value = row[options.value];
    if (typeof value !== 'number') {
      throw new TypeError(
        `Expected field '${options.value}' of every row to be a number, got ${JSON.stringify(value)} in ${JSON.stringify(row)}.`,
      );
    }
    const key = place(row);
    const group = values.get(key) ?? [];
    values.set(key, [...group, options.percent ? value * 100 : value]);
  }
  for (const figure of options.published ?? []) published.set(place(figure.at), figure);
  const cells = [...rowHeadings.keys()].map((rowKey) =>
    [...columnHeadings.keys()].map((columnKey): TableCell => {
      const key = `${rowKey}|${columnKey}`;
      const ours = values.get(key);
      const figure = published.get(key);
      return { ...(ours && { ours: meanAndDeviation(ours) }), ...(figure && { published: figure }) };
    }),
  );
  return new ResultsTable(options, [...rowHeadings.values()], [...columnHeadings.values()], cells);
}

function pick(row: ResultRow, fields: readonly string[]): Heading {
  return Object.fromEntries(
    fields.map((field) => {
      const value = row[field];
      if (value === undefined) {
        throw new TypeError(
          `Expected every row to have field '${field}', got ${JSON.stringify(row)}. Its fields: ${Object.keys(row).join(', ')}.`,
        );
      }
      return [field, value];
    }),
  );
}
