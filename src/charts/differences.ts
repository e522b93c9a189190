/** Our figures beside the published ones, with the difference and what differs in the protocol. */
import { escapeHtml } from './escape';
import { expectDigits } from './checks';
import { groups } from './groups';
import { DISPLAY, type Displayable, MIME, type MimeBundle } from './mime';
import { expectFigures, MISSING_TEXT, pickFields, type PublishedFigure } from './published';
import { figureColumns, jsonNumber, type ResultRow, type Results, rowsToCsv, type Scalar } from './results';
import { formatSummary, type Summary } from '../common';
import { LEFT, styledHtml, titleHtml } from './style';
import { figureHtml } from './table-html';
import { align, escapeMarkdown } from './table-text';

export interface DifferencesOptions {
  /** Fields that identify a figure, in the order of the columns: ['dataset', 'method', 'imagesPerClass']. */
  fields: readonly string[];
  /** The measured field of our rows. */
  value: string;
  /** Published figures, in the table's unit; the table has one row for each. */
  published: readonly PublishedFigure[];
  title?: string;
  /** Identifies the table among a notebook's results. Default: the title, else the value's name. */
  name?: string;
  /** Multiply ours by 100 and show %. Default: false. */
  percent?: boolean;
  unit?: string;
  /** Digits after the point. Default: 1. */
  digits?: number;
  /** Why a figure of ours is missing. Default: 'not at this scale'. */
  missing?: string;
  /** Source of the published figures: 'Table 2 of arXiv 2501.01234'. */
  source?: string;
  /** Names of fields in headings. Default: their own names. */
  labels?: Readonly<Record<string, string>>;
}

/** One published figure, with ours if there is one. */
export interface DifferenceRow {
  at: Readonly<Record<string, Scalar>>;
  ours?: Summary;
  published: PublishedFigure;
  /** ours − published, in the table's unit. */
  difference?: number;
}

/**
 * Ours − published for each published figure, with what differs in the protocol.
 * @param rows ours, one per seed
 * @throws TypeError when a row or a figure lacks a field, or a value is not a finite number.
 * @example differencesTable(rows, { fields: ['method', 'ipc'], value: 'accuracy', percent: true, published })
 */
export function differencesTable(rows: readonly ResultRow[], options: DifferencesOptions): DifferencesTable {
  const { fields, value, percent = false, digits = 1 } = options;
  expectDigits(digits);
  expectFigures(options.published);
  const ours = new Map(groups(rows, fields, { value, percent }).map((group) => [JSON.stringify(group.fields), group]));
  const found = options.published.map((published): DifferenceRow => {
    const at = pickFields(published.at, fields);
    const group = ours.get(JSON.stringify(at));
    if (!group) return { at, published };
    const { mean, sd, n } = group;
    return { at, published, ours: { mean, sd: sd ?? Number.NaN, n }, difference: mean - published.mean };
  });
  return new DifferencesTable(options, found);
}

const FIGURES = ['ours', 'sd', 'n', 'published', 'published_sd', 'difference', 'differs'] as const;

/** A table made by `differencesTable`; shows itself, and turns into Markdown and CSV. */
export class DifferencesTable implements Displayable {
  constructor(
    readonly options: DifferencesOptions,
    readonly rows: readonly DifferenceRow[],
  ) {}

  get name(): string {
    return this.options.name ?? this.options.title ?? this.options.value;
  }
  private get digits(): number {
    return this.options.digits ?? 1;
  }
  /** What differs in the same way in every row; stated once, below the table. */
  get commonDifference(): string | undefined {
    const all = new Set(this.rows.map(({ published }) => published.differs ?? ''));
    return all.size === 1 ? [...all][0] || undefined : undefined;
  }

  toMarkdown(): string {
    const [header, ...lines] = this.grid().map((cells) => `| ${cells.map(escapeMarkdown).join(' | ')} |`);
    const { title } = this.options;
    const rule = `| ${this.headings()
      .map((_, column) => (this.isText(column) ? ':--' : '--:'))
      .join(' | ')} |`;
    const heading = title === undefined ? [] : [`**${escapeMarkdown(title)}**`, ''];
    return [...heading, header, rule, ...lines, '', this.footLines().map(escapeMarkdown).join('  \n')].join('\n');
  }
  /** One line per published figure. */
  toCsv(): string {
    return rowsToCsv(this.toResults().rows);
  }
  toText(): string {
    const { title } = this.options;
    const lines = align(this.grid(), (column) => this.isText(column));
    return [...(title === undefined ? [] : [title]), ...lines, ...this.footLines()].join('\n');
  }
  toHtml(): string {
    const side = (column: number) => (this.isText(column) ? LEFT : 'align="right"');
    const head = this.headings().map((text, column) => `<th ${side(column)}>${escapeHtml(text)}</th>`);
    const body = this.rows.map((row) => {
      const { at, ours, published, difference } = row;
      const cells = [
        ...Object.values(at).map((value) => `<td ${LEFT}>${escapeHtml(String(value ?? '–'))}</td>`),
        `<td align="right">${figureHtml(ours, this.digits)}</td>`,
        `<td align="right" class="sh-pub">${figureHtml(published, this.digits)}</td>`,
        `<td align="right"><b>${escapeHtml(signed(difference, this.digits))}</b></td>`,
        ...(this.hasNotes ? [`<td ${LEFT} class="sh-wrap">${escapeHtml(published.differs ?? '')}</td>`] : []),
      ];
      return `<tr>${cells.join('')}</tr>`;
    });
    return styledHtml(
      `${titleHtml(this.options.title)}<table><thead><tr>${head.join('')}</tr></thead><tbody>${body.join('')}</tbody></table>` +
        `<div class="sh-foot">${this.footLines().map(escapeHtml).join(' ')}</div>`,
    );
  }
  /** The table as data, for `share` and `verify`. */
  toResults(): Results {
    const { fields, title, value, source } = this.options;
    const unit = this.unit;
    const column = figureColumns(FIGURES, { keys: fields, measure: value });
    return {
      name: this.name,
      ...(title !== undefined && { title }),
      keys: [...fields],
      values: [
        { field: column.ours, spread: column.sd, count: column.n, ...(unit && { unit }) },
        { field: column.published, spread: column.published_sd, role: 'reference' },
        { field: column.difference, ...(unit && { unit }) },
      ],
      rows: this.rows.map(({ at, ours, published, difference }) => ({
        ...at,
        [column.ours]: jsonNumber(ours?.mean),
        [column.sd]: jsonNumber(ours?.sd),
        [column.n]: ours?.n ?? null,
        [column.published]: jsonNumber(published.mean),
        [column.published_sd]: jsonNumber(published.sd),
        [column.difference]: jsonNumber(difference),
        [column.differs]: published.differs ?? null,
      })),
      metadata: { measure: value, ...(source && { published: source }) },
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

  private get unit(): string {
    return this.options.unit ?? (this.options.percent ? '%' : '');
  }
  /** Whether the rows differ from the paper in different ways, so that each needs its own note. */
  private get hasNotes(): boolean {
    return this.commonDifference === undefined && this.rows.some(({ published }) => published.differs);
  }
  private headings(): string[] {
    const { fields, labels } = this.options;
    const unit = this.unit && ` (${this.unit})`;
    const figures = [`ours${unit}`, `published${unit}`, 'ours − published'];
    return [...fields.map((field) => labels?.[field] ?? field), ...figures, ...(this.hasNotes ? ['what differs'] : [])];
  }
  /** Setting fields and notes are aligned left, figures right. */
  private isText(column: number): boolean {
    const { length } = this.options.fields;
    return column < length || column >= length + 3;
  }
  private grid(): string[][] {
    const lines = this.rows.map(({ at, ours, published, difference }) => [
      ...Object.values(at).map((value) => String(value ?? '–')),
      formatSummary(ours, this.digits),
      formatSummary(published, this.digits),
      signed(difference, this.digits),
      ...(this.hasNotes ? [published.differs ?? ''] : []),
    ]);
    return [this.headings(), ...lines];
  }
  private footLines(): string[] {
    const { missing = MISSING_TEXT, source } = this.options;
    const counts = [...new Set(this.rows.flatMap(({ ours }) => ours?.n ?? []))].sort((a, b) => a - b);
    const n = counts.length > 1 ? `${counts[0]}–${counts.at(-1)}` : counts[0];
    return [
      ...(n === undefined ? [] : [`Mean ± standard deviation, n = ${n}.`]),
      ...(this.rows.some(({ ours }) => !ours) ? [`–: ${missing}.`] : []),
      `Published: ${source ?? 'figures as printed by their authors'}.`,
      ...(this.commonDifference ? [`What differs: ${this.commonDifference}.`] : []),
    ];
  }
}

/** '+3.2', '−1.5', '0.0', or a dash. */
function signed(value: number | undefined, digits: number): string {
  if (value === undefined) return '–';
  const text = Math.abs(value).toFixed(digits);
  if (Number(text) === 0) return text;
  return `${value > 0 ? '+' : '−'}${text}`;
}
