/** A results table as HTML. */
import { escapeHtml } from './escape';
import { fixed, type Summary } from '../common';
import { LEFT, styledHtml, titleHtml } from './style';
import type { TableCell, TableGrid } from './table-grid';
import { cornerText, footLines, headingText, rowText } from './table-text';

/** The table with its caption and notes; alignment is given as attributes too, for readers that drop styles. */
export function tableToHtml(table: TableGrid): string {
  const { title, value, labels } = table.options;
  const published = table.columns.map((_, column) => table.hasPublished(column));
  const unit = table.unit ? ` <span class="sh-quiet">(${escapeHtml(table.unit)})</span>` : '';
  const corner = escapeHtml(cornerText(table.options));
  const span = published.some(Boolean) ? ' rowspan="2"' : '';
  const heads = table.columns.map((heading, c) => {
    const text = escapeHtml(headingText(heading, table.options) || (labels?.[value] ?? value)) + unit;
    return published[c]
      ? `<th colspan="2" align="center" style="text-align:center">${text}</th>`
      : `<th align="right"${span}>${text}</th>`;
  });
  const second = published.some(Boolean)
    ? `<tr>${published.map((both) => (both ? '<th align="right">ours</th><th align="right" class="sh-pub">published</th>' : '')).join('')}</tr>`
    : '';
  const body = table.rows.map((heading, r) => {
    const cells = table.columns.map((_, c) => cellHtml(table, r, c, published[c] === true));
    const section = table.sectionAt(r);
    const width = 1 + table.columns.length + published.filter(Boolean).length;
    const above =
      section === undefined ? '' : `<tr><th ${LEFT} colspan="${width}"><b><i>${escapeHtml(section)}</i></b></th></tr>`;
    return `${above}<tr><th ${LEFT}>${escapeHtml(rowText(heading, table.options))}</th>${cells.join('')}</tr>`;
  });
  const heading = titleHtml(title);
  return styledHtml(
    `${heading}<table><thead><tr><th ${LEFT}${span}>${corner}</th>${heads.join('')}</tr>${second}</thead>` +
      `<tbody>${body.join('')}</tbody></table>${footHtml(table)}`,
  );
}

function cellHtml(table: TableGrid, r: number, c: number, withPublished: boolean): string {
  const cell: TableCell = table.cells[r]?.[c] ?? {};
  const count = cell.ours && table.commonCount === undefined ? ` <span class="sh-quiet">n=${cell.ours.n}</span>` : '';
  const mine = figureHtml(cell.ours, table.digits);
  const ours = `<td align="right">${table.isBest(r, c) ? `<b class="sh-best">${mine}</b>` : mine}${count}</td>`;
  if (!withPublished) return ours;
  const note = table.noteNumber(cell.published);
  return `${ours}<td align="right" class="sh-pub">${figureHtml(cell.published, table.digits)}${note ? `<sup>${note}</sup>` : ''}</td>`;
}

/** Mean ± sd, the sd quieter; a dash where there is no figure. */
export function figureHtml(figure: (Pick<Summary, 'mean'> & Partial<Summary>) | undefined, digits: number): string {
  if (!figure || !Number.isFinite(figure.mean)) return '<span class="sh-quiet">–</span>';
  const spread = Number.isFinite(figure.sd) ? ` <span class="sh-sd">± ${figure.sd?.toFixed(digits)}</span>` : '';
  return fixed(figure.mean, digits) + spread;
}

function footHtml(table: TableGrid): string {
  const lines = footLines(table).map(escapeHtml).join(' ');
  const notes = table.notes.length
    ? `<ol>${table.notes.map((note) => `<li>${escapeHtml(note)}</li>`).join('')}</ol>`
    : '';
  return lines || notes
    ? `<div class="sh-foot">${lines}${notes && ' Differences from our protocol:'}${notes}</div>`
    : '';
}
