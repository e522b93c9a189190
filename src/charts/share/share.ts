/** `share`: a notebook (or a folder of them) as self-contained HTML that opens anywhere, offline. */
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, extname, join, resolve, sep } from 'node:path';
import { type OnProgress, writeWhole } from '../../common';
import { escapeHtml, shorten } from '../escape';
import { columnsOf, type Results, rowsToCsv } from '../results';
import { highlight } from './highlight';
import { Contents } from './contents';
import { drawFormulas, renderMarkdown } from './markdown';
import { type Cell, joined, type Notebook, readNotebook, resultsOf } from './notebook';
import { outputsHtml } from './outputs';
import { page } from './page';
import { withPictures, withReadableNames } from './pictures';
import { provenanceHtml } from './provenance';
import { summaryOf } from './summary';
import { type IndexEntry, indexPage, thumbnail } from './index-page';

/** The files that `share` wrote. */
export interface Shared {
  /** The page, or the index of a folder. */
  path: string;
  /** All files, in order of writing. */
  files: string[];
  /** Sum of their sizes, in bytes. */
  bytes: number;
}

export interface ShareOptions {
  /** Called after each notebook of a folder. */
  onProgress?: OnProgress;
}

/**
 * Writes one HTML file for a notebook, with interactive charts, pictures, folded code, table of contents, provenance and
 * results as data. A folder becomes a folder of pages with an `index.html`. The pages fetch nothing.
 * @param notebookPath an `.ipynb`, or a folder that is searched for notebooks.
 * @param outPath the file (or, for a folder, the folder) to write. Default: beside the notebook, ending in `.html`.
 * @throws Error when there is no notebook, or one can't be read.
 */
export async function share(
  notebookPath: string,
  outPath?: string,
  { onProgress }: ShareOptions = {},
): Promise<Shared> {
  const found = await stat(notebookPath).catch(() => undefined);
  if (!found) throw new Error(`Expected a notebook or a folder of them at ${notebookPath}, found nothing there.`);
  if (found.isDirectory()) return shareFolder(notebookPath, outPath ?? join(notebookPath, 'shared'), onProgress);
  const path = outPath ?? notebookPath.replace(/(\.ipynb)?$/, '.html');
  const notebook = await readNotebook(notebookPath);
  const html = await notebookPage(notebook, { path: notebookPath });
  return write(path, html);
}

async function write(path: string, html: string): Promise<Shared> {
  writeWhole(path, html);
  return { path, files: [path], bytes: Buffer.byteLength(html) };
}

async function shareFolder(folder: string, outFolder: string, onProgress?: OnProgress): Promise<Shared> {
  const names = await readdir(folder, { recursive: true });
  const notebooks = names
    .filter((name) => name.endsWith('.ipynb') && !name.split(sep).some((part) => part.startsWith('.')))
    .sort();
  if (notebooks.length === 0)
    throw new Error(`Expected notebooks (*.ipynb) in ${folder}, found none. Run them first, or name another folder.`);
  const pages: Shared[] = [];
  const entries: IndexEntry[] = [];
  for (const name of notebooks) {
    const notebook = await readNotebook(join(folder, name));
    const target = name.replace(/\.ipynb$/, '.html');
    pages.push(await write(join(outFolder, target), await notebookPage(notebook, { path: join(folder, name) })));
    const fallback =
      basename(name, '.ipynb') === 'executed' ? basename(dirname(join(folder, name))) : basename(name, '.ipynb');
    entries.push({
      ...summaryOf(notebook, fallback),
      address: target.split(sep).join('/'),
      thumbnail: await thumbnail(notebook),
      file: name.split(sep).join('/'),
      time: timeOf(notebook),
      results: resultsOf(notebook).length,
    });
    onProgress?.({ label: 'notebooks', done: entries.length, total: notebooks.length });
  }
  const index = await write(join(outFolder, 'index.html'), await indexPage(basename(resolve(folder)), entries));
  const all = [index, ...pages];
  return {
    path: index.path,
    files: all.flatMap(({ files }) => files),
    bytes: all.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}

function timeOf({ metadata }: Notebook): string | undefined {
  const time = metadata.stillhouse?.time;
  return typeof time === 'string' ? time : undefined;
}

/** The HTML page of one notebook. @param options.path the notebook's: pictures are looked up beside it */
export async function notebookPage(notebook: Notebook, { path }: { path: string }): Promise<string> {
  const { title } = summaryOf(notebook, basename(path, extname(path)));
  const language = notebook.metadata.language_info?.name ?? notebook.metadata.kernelspec?.language ?? 'typescript';
  const contents = new Contents();
  const sections: string[] = [];
  for (const cell of notebook.cells) sections.push(await cellHtml(cell, { language, contents, folder: dirname(path) }));
  const results = resultsOf(notebook);
  if (results.length > 0) contents.add(2, 'Results as data', 'results-as-data');
  const main = sections.join('\n');
  const body = `<div class="layout">${contents.html()}<main>${main}${dataHtml(results)}${provenanceHtml(notebook, path)}</main></div>`;
  const buttons = [
    main.includes('<details class="code">') ? '<button data-action="code">Show code</button>' : '',
    results.length ? '<button data-action="copy">Copy <span class="wide">results as</span> CSV</button>' : '',
  ].join('');
  return page({
    title,
    body,
    buttons,
    charts: main.includes('data-chart'),
    ...(results.length > 0 && { results: results.map((result) => ({ ...result, columns: columnsOf(result) })) }),
  });
}

interface CellContext {
  language: string;
  contents: Contents;
  folder: string;
}

async function cellHtml(cell: Cell, { language, contents, folder }: CellContext): Promise<string> {
  const source = joined(cell.source);
  if (cell.cell_type === 'markdown') {
    const html = await withPictures(renderMarkdown(withReadableNames(source, cell)), cell, folder);
    return `<section class="prose">${drawFormulas(contents.number(html))}</section>`;
  }
  const hidden = cell.metadata?.tags?.some((tag) => tag === 'hide-input' || tag === 'remove-input');
  const first =
    source.split('\n').find((line) => line.trim() && !/^\s*(import\b|\/\/|\/\*|\*)/.test(line)) ??
    source.split('\n')[0] ??
    '';
  const code =
    source.trim() && !hidden && cell.cell_type === 'code'
      ? `<details class="code"><summary title="Show this cell's code"><code>${escapeHtml(shorten(first.trim(), 100))}</code></summary><pre><code>${highlight(source, language)}</code></pre></details>`
      : '';
  const outputs = cell.cell_type === 'code' ? outputsHtml(cell) : `<pre class="text">${escapeHtml(source)}</pre>`;
  return code || outputs ? `<section>${code}${outputs}</section>` : '';
}

function dataHtml(results: readonly Results[]): string {
  if (results.length === 0) return '';
  const items = results.map((result, index) => {
    const { name, title, rows } = result;
    const csv = rowsToCsv(rows.slice(0, 200), columnsOf(result));
    const rest = rows.length > 200 ? `… ${rows.length - 200} more rows; the button copies all.` : '';
    return (
      `<details><summary><span class="grow">${escapeHtml(title ?? name)} <span class="quiet">${rows.length} rows</span></span>` +
      `<button data-action="copy" data-index="${index}">Copy CSV</button></summary><pre>${escapeHtml(csv)}${rest}</pre></details>`
    );
  });
  return `<section class="data"><h2 id="results-as-data">Results as data</h2>${items.join('')}</section>`;
}
