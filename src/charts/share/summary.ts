/** What a notebook is called, and what it says of itself first. */
import { firstParagraph, headingsOf } from './markdown';
import { joined, type Notebook } from './notebook';

/** The first heading of the highest level, or `fallback`; and the first paragraph. Both as plain words. */
export function summaryOf(notebook: Notebook, fallback: string): { title: string; abstract: string } {
  const texts = notebook.cells.filter(({ cell_type }) => cell_type === 'markdown').map(({ source }) => joined(source));
  const title = texts.flatMap(headingsOf).find(({ level, text }) => level === 1 && text)?.text ?? fallback;
  return { title, abstract: texts.map(firstParagraph).find(Boolean) ?? '' };
}
