/** A results table as data: headings, cells and notes; `table.ts` shows it. */
import type { PublishedFigure } from './published';
import type { Scalar } from './results';
import type { Summary } from '../common';

export interface ResultsTableOptions {
  /** Field (or fields) whose values are the rows. */
  rows: string | readonly string[];
  /** Field (or fields) whose values are the columns. Default: one column. */
  columns?: string | readonly string[];
  /** Field with one section of rows per value: 'dataset'. Default: one section. */
  facet?: string;
  /** The measured field. Null means that the cell was not run. */
  value: string;
  title?: string;
  /** Identifies the table among a notebook's results. Default: the title, else the value's name. */
  name?: string;
  /** Multiply by 100 and show %. Default: false. */
  percent?: boolean;
  /** Unit shown in the top left corner. Default: '%' with `percent`, else none. */
  unit?: string;
  /** Digits after the point. Default: 1. */
  digits?: number;
  /** Whether the highest or lowest figure of each column (per section) is in bold. Default: neither. */
  best?: 'highest' | 'lowest';
  /** `time` marks a measure that `verify` reports but doesn't judge. Default: 'measure'. */
  role?: 'measure' | 'time';
  published?: readonly PublishedFigure[];
  /** What a dash means: the cell was not run, or has a published figure only. Default: 'not at this scale'. */
  missing?: string;
  /** Names of fields in headings: { imagesPerClass: 'images per class' }. Default: their own names. */
  labels?: Readonly<Record<string, string>>;
  /** Source of the published figures: 'Table 2 of arXiv 2501.01234'. */
  source?: string;
  /** Metadata of the results: seeds, fingerprints, settings. */
  metadata?: Record<string, unknown>;
}

/** One cell of the table: our figure, the published one, or both. */
export interface TableCell {
  ours?: Summary;
  published?: PublishedFigure;
  /** A row with null says that the cell was not run. */
  notRun?: boolean;
}

/** A heading: the field values of its row or column. */
export type Heading = Readonly<Record<string, Scalar>>;

/** Rows, columns and cells of a results table. */
export class TableGrid {
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
  /** Whether this column has any published figure. */
  hasPublished(column: number): boolean {
    return this.cells.some((row) => row[column]?.published !== undefined);
  }
  /** The number of seeds, if all our cells have the same; else undefined. */
  get commonCount(): number | undefined {
    const counts = new Set(this.cells.flat().flatMap(({ ours }) => (ours ? [ours.n] : [])));
    return counts.size === 1 ? [...counts][0] : undefined;
  }
  /** What differs between the published figures and ours; cells refer to these notes by number, from 1. */
  get notes(): string[] {
    return [...new Set(this.cells.flat().flatMap(({ published }) => (published?.differs ? [published.differs] : [])))];
  }
  /** The number of the note that belongs to a published figure, or undefined. */
  noteNumber(published: PublishedFigure | undefined): number | undefined {
    return published?.differs ? this.notes.indexOf(published.differs) + 1 : undefined;
  }
  /** Title of the section that begins with this row; undefined for the other rows of a section. */
  sectionAt(row: number): string | undefined {
    const { facet, labels } = this.options;
    if (facet === undefined) return undefined;
    const value = this.rows[row]?.[facet];
    if (row > 0 && this.rows[row - 1]?.[facet] === value) return undefined;
    return typeof value === 'string' ? value : `${labels?.[facet] ?? facet} ${value ?? '–'}`;
  }
  /** Whether our figure is the best of its column, in its section. */
  isBest(row: number, column: number): boolean {
    const { best, facet } = this.options;
    const section = (r: number) => (facet === undefined ? undefined : this.rows[r]?.[facet]);
    const mine = this.cells[row]?.[column]?.ours?.mean;
    const all = this.cells.flatMap((cells, r) =>
      section(r) === section(row) ? (cells[column]?.ours?.mean ?? []) : [],
    );
    if (!best || mine === undefined || all.length < 2) return false;
    return mine === (best === 'highest' ? Math.max(...all) : Math.min(...all));
  }
  /** Whether some cell was not run, or has a published figure only. */
  get hasMissing(): boolean {
    return this.cells.flat().some(({ ours, published, notRun }) => !ours && (published || notRun));
  }
}
