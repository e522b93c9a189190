/** A results table as Markdown, CSV, LaTeX and aligned plain text. */
import { MISSING_TEXT } from './published';
import { formatSummary } from '../common';
import type { Heading, TableCell, TableGrid } from './table-grid';

/** Text of a heading: its values joined by commas, without empty ones; numbers follow their field's name: 'IPC 10'. */
export function headingText(heading: Heading, { labels }: TableGrid['options']): string {
  return Object.entries(heading)
    .map(([field, value]) => (typeof value === 'string' ? value : `${labels?.[field] ?? field} ${value ?? '–'}`))
    .filter((words) => words !== '')
    .join(', ');
}

/** Text of the top left corner: the fields whose values are the rows. */
export function cornerText({ rows, labels }: TableGrid['options']): string {
  return [rows]
    .flat()
    .map((field) => labels?.[field] ?? field)
    .join(', ');
}

/** The strings behind the text forms: a header line, then one line per row. */
function grid(table: TableGrid, format: CellFormat): string[][] {
  const { options } = table;
  const withPublished = table.columns.map((_, column) => table.hasPublished(column));
  const header = [
    cornerText(options),
    ...table.columns.flatMap((heading, c) => {
      const label =
        format.heading(headingText(heading, options) || (options.labels?.[options.value] ?? options.value)) +
        (table.unit ? format.heading(` (${table.unit})`) : '');
      return withPublished[c] ? [label, `${format.heading(headingText(heading, options))} published`.trim()] : [label];
    }),
  ].map((text, index) => (index === 0 ? format.heading(text) : text));
  const lines = table.rows.flatMap((heading, r) => {
    const figures = table.columns.flatMap((_, c) => {
      const cell = table.cells[r]?.[c] ?? {};
      const ours = format.ours(oursText(table, cell), table.isBest(r, c));
      return withPublished[c]
        ? [ours, format.published(publishedText(table, cell), table.noteNumber(cell.published))]
        : [ours];
    });
    const section = table.sectionAt(r);
    return [
      ...(section === undefined ? [] : [[format.section(section), ...figures.map(() => '')]]),
      [format.heading(rowText(heading, options)), ...figures],
    ];
  });
  return [header, ...lines];
}

interface CellFormat {
  /** Formats the line above the rows of a section. */
  section(text: string): string;
  heading(text: string): string;
  ours(text: string, best: boolean): string;
  published(text: string, note: number | undefined): string;
}

/** A row's heading: its values without field names, since the corner and the section name the fields. */
export function rowText(heading: Heading, { facet }: TableGrid['options']): string {
  return Object.entries(heading)
    .filter(([field]) => field !== facet)
    .map(([, value]) => String(value ?? '–'))
    .filter((words) => words !== '')
    .join(', ');
}

/** Our figure, with its n where cells differ in n. */
function oursText(table: TableGrid, { ours }: TableCell): string {
  const count = ours && table.commonCount === undefined ? ` (n=${ours.n})` : '';
  return formatSummary(ours, table.digits) + count;
}

function publishedText(table: TableGrid, { published }: TableCell): string {
  return formatSummary(published, table.digits);
}

/** Lines under the table: n, what a dash means, and the source of the published figures. */
export function footLines(table: TableGrid): string[] {
  const count = table.commonCount;
  const lines: string[] = [];
  if (count !== undefined)
    lines.push(count > 1 ? `Mean ± standard deviation, n = ${count} each.` : 'One run each (n = 1).');
  else if (table.cells.flat().some(({ ours }) => ours)) lines.push('Mean ± standard deviation; n beside each figure.');
  if (table.hasMissing) lines.push(`–: ${table.options.missing ?? MISSING_TEXT}.`);
  if (table.options.published?.length)
    lines.push(`Published: ${table.options.source ?? 'figures as printed by their authors'}.`);
  return lines;
}

/** Escapes text for a cell of a Markdown table. */
export const escapeMarkdown = (text: string): string => text.replace(/[\\|*_`<[]/g, '\\$&');

/** GitHub-flavoured Markdown, with the best of each column in bold and differences as numbered notes. */
export function tableToMarkdown(table: TableGrid): string {
  const [header = [], ...lines] = grid(table, {
    section: (text) => `***${escapeMarkdown(text)}***`,
    heading: escapeMarkdown,
    ours: (text, best) => (best ? `**${text}**` : text),
    published: (text, note) => (note ? `${text} [${note}]` : text),
  });
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
  const title = table.options.title ? [`**${escapeMarkdown(table.options.title)}**`, ''] : [];
  const rule = line(header.map((_, index) => (index === 0 ? ':--' : '--:')));
  const notes = table.notes.map((note, index) => `[${index + 1}] ${escapeMarkdown(note)}`);
  return [...title, line(header), rule, ...lines.map(line), '', [...footLines(table), ...notes].join('  \n')].join(
    '\n',
  );
}

/** Aligned columns for a terminal. */
export function tableToText(table: TableGrid): string {
  const lines = grid(table, {
    section: (text) => `${text}:`,
    heading: (text) => text,
    ours: (text, best) => (best ? `${text}*` : text),
    published: (text, note) => (note ? `${text} [${note}]` : text),
  });
  const notes = table.notes.map((note, index) => `[${index + 1}] ${note}`);
  const { best: end, facet } = table.options;
  const best = end ? [`* ${end} of its column${facet === undefined ? '' : ' in its section'}`] : [];
  const title = table.options.title ? [table.options.title] : [];
  return [...title, ...align(lines), ...footLines(table), ...best, ...notes].join('\n');
}

/** Pads columns to equal width, the first aligned left, the others right, with a rule under the first line. */
export function align(
  lines: readonly (readonly string[])[],
  leftAligned: (column: number) => boolean = (c) => c === 0,
): string[] {
  const widths = (lines[0] ?? []).map((_, c) => Math.max(...lines.map((line) => (line[c] ?? '').length)));
  const padded = lines.map((line) =>
    line
      .map((cell, c) => (leftAligned(c) ? cell.padEnd(widths[c] ?? 0) : cell.padStart(widths[c] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
  return [padded[0] ?? '', widths.map((width) => '─'.repeat(width)).join('  '), ...padded.slice(1)];
}

/** A booktabs `tabular` with the differences as a list of comments and a published column in italics. */
export function tableToLatex(table: TableGrid): string {
  const [header = [], ...lines] = grid(table, {
    section: (text) => `\\emph{${latex(text)}}`,
    heading: latex,
    ours: (text, best) => (best ? `\\textbf{${latex(text)}}` : latex(text)),
    published: (text, note) => `\\textit{${latex(text)}}${note ? `$^{${note}}$` : ''}`,
  });
  const line = (cells: string[]) => `  ${cells.join(' & ')} \\\\`;
  const notes = table.notes.map((note, index) => `$^{${index + 1}}$~${latex(note)}`);
  return [
    `\\begin{tabular}{l${'r'.repeat(header.length - 1)}}`,
    '  \\toprule',
    line(header),
    '  \\midrule',
    ...lines.map(line),
    '  \\bottomrule',
    '\\end{tabular}',
    ...[...footLines(table).map(latex), ...notes].map((note) => `\\par\\footnotesize ${note}`),
    '',
  ].join('\n');
}

const LATEX: Record<string, string> = {
  '\\': '\\textbackslash{}',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
  '±': '$\\pm$',
  '–': '--',
  '—': '---',
  '−': '$-$',
  '×': '$\\times$',
  '…': '\\ldots{}',
};

function latex(text: string): string {
  return text.replace(/[\\~^±–—−×…]|[&%$#_{}]/g, (character) => LATEX[character] ?? `\\${character}`);
}
