/** Results tables: rows × columns of mean ± sd over seeds, with the published figure beside ours. */
import { expectDigits } from './checks';
import { distinct } from './groups';
import { DISPLAY, type Displayable, MIME, type MimeBundle } from './mime';
import { expectFigures, pickFields, type PublishedFigure } from './published';
import {
  expectRows,
  figureColumns,
  jsonNumber,
  measuredNumber,
  type ResultRow,
  type Results,
  rowsToCsv,
  type Scalar,
} from './results';
import { meanAndDeviation } from '../common';
import { type Heading, type ResultsTableOptions, type TableCell, TableGrid } from './table-grid';
import { tableToHtml } from './table-html';
import { tableToLatex, tableToMarkdown, tableToText } from './table-text';

const FIGURES = ['mean', 'sd', 'n', 'published', 'published_sd', 'differs'] as const;

/** A table made by `resultsTable`; shows itself, and turns into Markdown, CSV and LaTeX. */
export class ResultsTable extends TableGrid implements Displayable {
  toMarkdown(): string {
    return tableToMarkdown(this);
  }
  /** One line per cell: the setting, mean, sd, n, and the published figure. */
  toCsv(): string {
    return rowsToCsv(this.toResults().rows);
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
    const column = figureColumns(FIGURES, { keys, measure: this.options.value });
    const compared = this.columns.some((_, c) => this.hasPublished(c));
    const rows = this.rows.flatMap((row, r) =>
      this.columns.flatMap((heading, c): Record<string, Scalar>[] => {
        const { ours, published } = this.cells[r]?.[c] ?? {};
        if (!ours && !published) return [];
        return [
          {
            ...row,
            ...heading,
            [column.mean]: jsonNumber(ours?.mean),
            [column.sd]: jsonNumber(ours?.sd),
            [column.n]: ours?.n ?? null,
            ...(compared && {
              [column.published]: jsonNumber(published?.mean),
              [column.published_sd]: jsonNumber(published?.sd),
              [column.differs]: published?.differs ?? null,
            }),
          },
        ];
      }),
    );
    const { title, role = 'measure', metadata, value, source } = this.options;
    return {
      name: this.name,
      ...(title !== undefined && { title }),
      keys,
      values: [
        { field: column.mean, spread: column.sd, count: column.n, role, ...(this.unit && { unit: this.unit }) },
        ...(compared ? [{ field: column.published, spread: column.published_sd, role: 'reference' as const }] : []),
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
 * Groups result rows (one per seed) into a table of mean ± sd with n.
 * Rows and columns keep the order in which they first appear; those that only published figures have come last.
 * @throws TypeError when a row lacks a grouping field, its value is neither null nor a finite number, or a published mean
 *   is not finite; RangeError without a field for the rows, and for an invalid number of digits.
 * @example
 * resultsTable(rows, { rows: 'method', columns: 'ipc', value: 'accuracy', percent: true, best: 'highest',
 *   published: [{ at: { method: 'RDED', ipc: 10 }, mean: 50.2, sd: 0.3, differs: '300 epochs' }] })
 */
export function resultsTable(rows: readonly ResultRow[], options: ResultsTableOptions): ResultsTable {
  expectRows(rows);
  expectFigures(options.published ?? []);
  expectDigits(options.digits ?? 1);
  const rowFields = [...new Set([options.facet ?? [], options.rows].flat())];
  if (rowFields.length === 0)
    throw new RangeError("Expected a field whose values are the rows, got none: rows: 'method'.");
  const columnFields = [options.columns ?? []].flat();
  const rowHeadings = new Map<string, Heading>();
  const columnHeadings = new Map<string, Heading>();
  const values = new Map<string, number[]>();
  const published = new Map<string, PublishedFigure>();
  const notRun = new Set<string>();
  const place = (row: ResultRow): string => {
    const rowHeading = pickFields(row, rowFields);
    const columnHeading = pickFields(row, columnFields);
    const [rowKey, columnKey] = [JSON.stringify(rowHeading), JSON.stringify(columnHeading)];
    if (!rowHeadings.has(rowKey)) rowHeadings.set(rowKey, rowHeading);
    if (!columnHeadings.has(columnKey)) columnHeadings.set(columnKey, columnHeading);
    return `${rowKey}|${columnKey}`;
  };
  for (const row of rows) {
    if (row[options.value] === null) {
      notRun.add(place(row));
      continue;
    }
    const value = measuredNumber(row, options.value);
    const key = place(row);
    const group = values.get(key) ?? [];
    values.set(key, [...group, options.percent ? value * 100 : value]);
  }
  for (const figure of options.published ?? []) published.set(place(figure.at), figure);
  const sections = options.facet === undefined ? [] : distinct([...rowHeadings.values()], options.facet);
  const sectionOf = (heading: Heading) => sections.indexOf(heading[options.facet ?? ''] ?? null);
  const inOrder = [...rowHeadings].sort(([, a], [, b]) => sectionOf(a) - sectionOf(b));
  const cells = inOrder.map(([rowKey]) =>
    [...columnHeadings.keys()].map((columnKey): TableCell => {
      const key = `${rowKey}|${columnKey}`;
      const ours = values.get(key);
      const figure = published.get(key);
      return {
        ...(ours && { ours: meanAndDeviation(ours) }),
        ...(figure && { published: figure }),
        ...(notRun.has(key) && { notRun: true }),
      };
    }),
  );
  return new ResultsTable(
    options,
    inOrder.map(([, heading]) => heading),
    [...columnHeadings.values()],
    cells,
  );
}
