/** A results table as HTML. */
import { escapeHtml } from './escape';
import type { Summary } from './statistics';
import { LEFT, styledHtml, titleHtml } from './style';
import type { ResultsTable, TableCell } from './table';
import { footLines, headingText, rowText } from './table-text';

/** The table with its caption and notes; alignment is given as attributes too, for readers that drop styles. */
export function tableToHtml(table: ResultsTable): string {
  const { title, value } = table.options;
  const published = table.columns.map((_, column) => table.hasPublished(column));
  const unit = table.unit ? ` <span class="sh-quiet">(${escapeHtml(table.unit)})</span>` : '';
  const corner = escapeHtml([table.options.rows].flat().join(', '));
  const span = published.some(Boolean) ? ' rowspan="2"' : '';
  const heads = table.columns.map((heading, c) => {
    const text = escapeHtml(headingText(heading) || value) + unit;
    return published[c]
      ? `<th colspan="2" align="center" style="text-align:center">${text}</th>`
      : `<th align="right"${span}>${text}</th>`;
  });
  const second = published.some(Boolean)
    ? `<tr>${published.map((both) => (both ? '<th align="right">ours</th><th align="right" class="sh-pub">published</th>' : '')).join('')}</tr>`
    : '';
  const body = table.rows.map((heading, r) => {
    const cells = table.columns.map((_, c) => cellHtml(table, r, c, published[c] === true));
    return `<tr><th ${LEFT}>${escapeHtml(rowText(heading))}</th>${cells.join('')}</tr>`;
  });
  const heading = titleHtml(title);
  return styledHtml(
    `${heading}<table><thead><tr><th ${LEFT}${span}>${corner}</th>${heads.join('')}</tr>${second}</thead>` +
      `<tbody>${body.join('')}</tbody></table>${footHtml(table)}`,
  );
}

function cellHtml(table: ResultsTable, r: number, c: number, withPublished: boolean): string {
  const cell: TableCell = table.cells[r]?.[c] ?? {};
  const count = cell.ours && table.commonCount === undefined ? ` <span class="sh-quiet">n=${cell.ours.n}</span>` : '';
  const mine = figureHtml(cell.ours, table.digits);
  const ours = `<td align="right">${table.isBest(r, c) ? `<b class="sh-best">${mine}</b>` : mine}${count}</td>`;
  if (!withPublished) return ours;
  const note = table.noteNumber(cell.published);
  return `${ours}<td align="right" class="sh-pub">${figureHtml(cell.published, table.digits)}${note ? `<sup>${note}</sup>` : ''}</td>`;
}

function figureHtml(figure: (Pick<Summary, 'mean'> & Partial<Summary>) | undefined, digits: number): string {
  if (!figure || !Number.isFinite(figure.mean)) return '<span class="sh-quiet">–</span>';
  const spread = Number.isFinite(figure.sd) ? ` <span class="sh-sd">± ${figure.sd?.toFixed(digits)}</span>` : '';
  return figure.mean.toFixed(digits) + spread;
}

function footHtml(table: ResultsTable): string {
  const lines = footLines(table).map(escapeHtml).join(' ');
  const notes = table.notes.length
    ? `<ol>${table.notes.map((note) => `<li>${escapeHtml(note)}</li>`).join('')}</ol>`
    : '';
  return lines || notes
    ? `<div class="sh-foot">${lines}${notes && ' Differences from our protocol:'}${notes}</div>`
    : '';
}
