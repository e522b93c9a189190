/** A results table as data: headings, cells, and what is said of them; `table.ts` shows it. */
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
  /** The measured field. A row with null says that the cell was not run. */
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
  /** Which end is set in bold in each column of a section. Default: neither. */
  best?: 'highest' | 'lowest';
  /** `time` marks a measure that `verify` reports without judging. Default: 'measure'. */
  role?: 'measure' | 'time';
  published?: readonly PublishedFigure[];
  /** What a dash stands for in a cell that was not run, or that has a published figure alone. Default: 'not at this scale'. */
  missing?: string;
  /** What fields are called in headings: { imagesPerClass: 'images per class' }. Default: their own names. */
  labels?: Readonly<Record<string, string>>;
  /** Where the published figures stand: 'Table 2 of arXiv 2501.01234'. */
  source?: string;
  /** Goes into the results' metadata: seeds, fingerprints, settings. */
  metadata?: Record<string, unknown>;
}

/** One place in the table: our figure, the published one, either or both. */
export interface TableCell {
  ours?: Summary;
  published?: PublishedFigure;
  /** A row says that it was not run. */
  notRun?: boolean;
}

/** A heading: the field values that it stands for. */
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
  /** The section that a row begins, or undefined where it goes on with the one above. */
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
  /** Whether a cell was not run, or has a published figure alone. */
  get hasMissing(): boolean {
    return this.cells.flat().some(({ ours, published, notRun }) => !ours && (published || notRun));
  }
}
