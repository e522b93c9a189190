/** Title and abstract of a notebook. */
import { firstParagraph, headingsOf } from './markdown';
import { joined, type Notebook } from './notebook';

/** The first heading of level 1 (else `fallback`) and the first paragraph, as plain text. */
export function summaryOf(notebook: Notebook, fallback: string): { title: string; abstract: string } {
  const texts = notebook.cells.filter(({ cell_type }) => cell_type === 'markdown').map(({ source }) => joined(source));
  const title = texts.flatMap(headingsOf).find(({ level, text }) => level === 1 && text)?.text ?? fallback;
  return { title, abstract: texts.map(firstParagraph).find(Boolean) ?? '' };
}
