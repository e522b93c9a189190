/** A page's table of contents, collected while its cells are written. */
import { escapeHtml } from '../escape';
import { wordsOf } from './markdown';
import { ID_PREFIX } from './sanitize';

export class Contents {
  private readonly entries: { level: number; text: string; id: string }[] = [];
  private readonly taken = new Set<string>();

  /**
   * Gives the headings of a cell (sanitised HTML) the anchors that JupyterLab would give them, so that a notebook's links
   * work. If an anchor is taken, by an equal heading or by the notebook's own HTML, a number is added.
   */
  number(html: string): string {
    for (const [, id] of html.matchAll(/<(?!h[1-6][ >])[^>]* id="([^"]*)"/g)) this.taken.add(id!);
    return html.replace(
      /<h([1-6])((?: [^>]*)?)>([\s\S]*?)<\/h\1>/g,
      (_, level: string, attributes: string, inner: string) => {
        const text = wordsOf(inner);
        const [whole, own] = / id="([^"]*)"/.exec(attributes) ?? [''];
        const id = this.free(own ?? ID_PREFIX + text.replaceAll(' ', '-'));
        this.add(Number(level), text, id);
        return `<h${level}${attributes.replace(whole, '')} id="${escapeHtml(id)}">${inner}</h${level}>`;
      },
    );
  }

  /** The anchor, followed by a number if it is taken. */
  private free(wanted: string): string {
    let id = wanted;
    for (let again = 2; this.taken.has(id); again++) id = `${wanted}-${again}`;
    return id;
  }

  add(level: number, text: string, id: string): void {
    this.taken.add(id);
    this.entries.push({ level, text, id });
  }

  html(): string {
    const shown = this.entries.filter(({ level }) => level === 2 || level === 3);
    if (shown.length < 2) return '';
    const items = shown.map(
      ({ level, text, id }) =>
        `<li${level === 3 ? ' class="deep"' : ''}><a href="#${escapeHtml(encodeURIComponent(id))}">${escapeHtml(text)}</a></li>`,
    );
    return `<nav class="contents"><details open><summary>Contents</summary><ol>${items.join('')}</ol></details></nav>`;
  }
}
