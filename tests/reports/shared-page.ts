/** Markdown cells as the page that `share` makes of them. */
import { notebookPage } from '../../src/charts/share';
import type { Cell } from '../../src/charts/share/notebook';

/** A PNG of one pixel. */
export const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

type MarkdownCell = string | Pick<Cell, 'source' | 'attachments'>;

/** The page between its bar and its footer. */
export async function sharedPage(...cells: MarkdownCell[]): Promise<string> {
  const markdown = cells.map((cell) => (typeof cell === 'string' ? { source: cell } : cell));
  const html = await notebookPage(
    { cells: markdown.map((cell) => ({ cell_type: 'markdown', ...cell })), metadata: {}, nbformat: 4 },
    { path: 'notebook.ipynb' },
  );
  return html.slice(html.indexOf('<body>'), html.indexOf('<footer'));
}
