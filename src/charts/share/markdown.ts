/**
 * Markdown → HTML for notebook cells: headings, paragraphs, lists, tables, code, quotes, rules, emphasis, links, images;
 * raw HTML passes (and is sanitised by whoever shows it); formulas are marked for `drawFormulas`.
 */
import { escapeHtml, plainText } from '../escape';
import { highlight } from './highlight';
import { texToMathml } from './tex';

/** Renders a Markdown text. The result still has to be sanitised. */
export function renderMarkdown(markdown: string): string {
  return blocks(markdown.replaceAll('\r\n', '\n').replaceAll('\t', '    ').split('\n'));
}

/** Headings of a Markdown text, in order. */
export function headingsOf(markdown: string): { level: number; text: string }[] {
  return [...markdown.replace(/^(```|~~~)[\s\S]*?^\1/gm, '').matchAll(/^(#{1,6})\s+(.+?)\s*#*$/gm)].map(
    ([, marks = '', text = '']) => ({
      level: marks.length,
      text: plainOf(text),
    }),
  );
}

/** The words of an inline text, without its marks. */
export function plainOf(text: string): string {
  return text
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/[*_`~]+/g, '')
    .replace(/<[^>]*>/g, '')
    .trim();
}

const FENCE = /^ {0,3}(`{3,}|~{3,})\s*([\w+-]*)/;
const HEADING = /^ {0,3}(#{1,6})\s+(.*?)\s*#*\s*$/;
const RULE = /^ {0,3}([-*_])(\s*\1){2,}\s*$/;
const ITEM = /^( *)([-*+]|\d{1,9}[.)])( +)(.*)$/;
const QUOTE = /^ {0,3}> ?/;
const TABLE_RULE = /^ *\|? *:?-+:? *(\| *:?-+:? *)*\|? *$/;

function blocks(lines: readonly string[], tight = false): string {
  const html: string[] = [];
  let paragraph: string[] = [];
  const flush = () => {
    const text = paragraph.join('\n').trim();
    // A paragraph that is an HTML block keeps its own elements.
    if (text)
      html.push(
        tight || /^<(div|table|figure|details|section|p|h\d|ul|ol|svg|center|!--)/i.test(text)
          ? inline(text)
          : `<p>${inline(text)}</p>`,
      );
    paragraph = [];
  };
  for (let i = 0; i < lines.length; ) {
    const line = lines[i] as string;
    const fence = FENCE.exec(line);
    const heading = HEADING.exec(line);
    const item = ITEM.exec(line);
    if (fence) {
      flush();
      const close = new RegExp(`^ {0,3}${(fence[1] as string)[0]}{${(fence[1] as string).length},}\\s*$`);
      let end = i + 1;
      while (end < lines.length && !close.test(lines[end] as string)) end++;
      html.push(`<pre><code>${highlight(lines.slice(i + 1, end).join('\n'), fence[2] || 'text')}</code></pre>`);
      i = end + 1;
    } else if (line.trim().startsWith('$$')) {
      flush();
      let end = i;
      while (
        end < lines.length &&
        !(end > i && (lines[end] as string).includes('$$')) &&
        !(end === i && /\$\$.*\$\$/.test(line))
      )
        end++;
      const formula = lines
        .slice(i, end + 1)
        .join('\n')
        .trim();
      html.push(`<div class="math">${escapeHtml(formula.replace(/^\$\$|\$\$$/g, '').trim())}</div>`);
      i = end + 1;
    } else if (heading) {
      flush();
      const level = (heading[1] as string).length;
      html.push(`<h${level}>${inline(heading[2] as string)}</h${level}>`);
      i++;
    } else if (RULE.test(line)) {
      flush();
      html.push('<hr>');
      i++;
    } else if (QUOTE.test(line)) {
      flush();
      const quoted: string[] = [];
      while (
        i < lines.length &&
        (lines[i] as string).trim() &&
        (QUOTE.test(lines[i] as string) || !ITEM.test(lines[i] as string))
      ) {
        quoted.push((lines[i++] as string).replace(QUOTE, ''));
      }
      html.push(`<blockquote>${blocks(quoted)}</blockquote>`);
    } else if (item && (paragraph.length === 0 || !/^\d/.test(item[2] as string) || item[2] === '1.')) {
      flush();
      const [list, end] = readList(lines, i);
      html.push(list);
      i = end;
    } else if (line.includes('|') && TABLE_RULE.test(lines[i + 1] ?? '') && (lines[i + 1] as string).includes('-')) {
      flush();
      let end = i + 2;
      while (end < lines.length && (lines[end] as string).includes('|')) end++;
      html.push(table(lines.slice(i, end)));
      i = end;
    } else if (/^ {4}/.test(line) && paragraph.length === 0) {
      let end = i;
      while (end < lines.length && (/^ {4}/.test(lines[end] as string) || !(lines[end] as string).trim())) end++;
      html.push(
        `<pre><code>${escapeHtml(
          lines
            .slice(i, end)
            .map((text) => text.slice(4))
            .join('\n')
            .trimEnd(),
        )}</code></pre>`,
      );
      i = end;
    } else {
      if (line.trim()) paragraph.push(line);
      else flush();
      i++;
    }
  }
  flush();
  return html.join('\n');
}

/** A list from line `start`, nested lists inside its items. */
function readList(lines: readonly string[], start: number): [html: string, end: number] {
  const [, indent = '', marker = ''] = ITEM.exec(lines[start] as string) as RegExpExecArray;
  const ordered = /\d/.test(marker);
  const items: string[][] = [];
  let loose = false;
  let i = start;
  while (i < lines.length) {
    const line = lines[i] as string;
    const item = ITEM.exec(line);
    const isNext =
      item &&
      (item[1] as string).length < indent.length + 2 &&
      /\d/.test(item[2] as string) === ordered &&
      !RULE.test(line);
    const last = items.at(-1);
    if (isNext && (item[1] as string).length >= indent.length) {
      items.push([item[4] as string]);
    } else if (!line.trim()) {
      const next = lines[i + 1] ?? '';
      const goesOn = /^\s{2,}\S/.test(next) || ITEM.test(next);
      if (!goesOn) break;
      loose ||= ITEM.exec(next)?.[1]?.length === indent.length;
      last?.push('');
    } else if (last && /^\s/.test(line) && leading(line) >= indent.length + 2) {
      last.push(line.slice(Math.min(leading(line), indent.length + marker.length + 1)));
    } else if (last && !item && last.at(-1)?.trim() && !HEADING.test(line) && !FENCE.test(line)) {
      last.push(line.trim()); // a lazy continuation
    } else break;
    i++;
  }
  const first = ordered && Number.parseInt(marker, 10) !== 1 ? ` start="${Number.parseInt(marker, 10)}"` : '';
  const name = ordered ? 'ol' : 'ul';
  return [`<${name}${first}>${items.map((item) => `<li>${blocks(item, !loose)}</li>`).join('')}</${name}>`, i];
}

const leading = (line: string) => line.length - line.trimStart().length;

function table(lines: readonly string[]): string {
  const cells = (line: string) =>
    line
      .trim()
      .replace(/^\||(?<!\\)\|$/g, '')
      .split(/(?<!\\)\|/)
      .map((cell) => cell.trim().replaceAll('\\|', '|'));
  const [head = '', rule = '', ...body] = lines;
  const sides = cells(rule).map((mark) => (/^:.*:$/.test(mark) ? 'center' : mark.endsWith(':') ? 'right' : 'left'));
  const row = (line: string, element: string) =>
    `<tr>${cells(line)
      .slice(0, sides.length)
      .map((cell, c) => `<${element} align="${sides[c] ?? 'left'}">${inline(cell)}</${element}>`)
      .join('')}</tr>`;
  return `<table><thead>${row(head, 'th')}</thead><tbody>${body.map((line) => row(line, 'td')).join('')}</tbody></table>`;
}

/** Marks inside a paragraph. What must not be read again (code, math, tags, links' ends) is set aside first. */
export function inline(text: string): string {
  const aside: string[] = [];
  const keep = (html: string) => `\u0000${aside.push(html) - 1}\u0000`;
  const marked = text
    .replaceAll('\u0000', '')
    .replace(/(`+)([\s\S]*?[^`])\1(?!`)/g, (_, __, code: string) => keep(`<code>${escapeHtml(code.trim())}</code>`))
    .replace(/(?<!\\)\$\$?(?! )([^$]+?)(?<![ \\])\$\$?(?!\d)/g, (_, formula: string) =>
      keep(`<span class="math">${escapeHtml(formula)}</span>`),
    )
    .replace(/\\([\\`*_{}[\]()#+\-.!|~$<>])/g, (_, character: string) => keep(escapeHtml(character)))
    .replace(/<(https?:\/\/[^\s<>]+|[^\s@<>]+@[^\s@<>]+)>/g, (_, address: string) =>
      keep(
        `<a href="${escapeHtml(address.includes('://') ? address : `mailto:${address}`)}">${escapeHtml(address)}</a>`,
      ),
    )
    .replace(/<!--[\s\S]*?-->/g, '')
    .replace(/<\/?[a-zA-Z][^<>]*>/g, keep)
    .replace(/&(?!#?\w+;)/g, '&amp;')
    .replaceAll('<', '&lt;')
    .replace(
      /!\[([^\]]*)\]\(\s*<?((?:[^\s()<>]|\([^\s()]*\))+)>?(?:\s+"([^"]*)")?\s*\)/g,
      (_, words: string, address: string) => keep(`<img alt="${escapeHtml(words)}" src="${escapeHtml(address)}">`),
    )
    .replace(
      /\[((?:[^[\]]|\[[^\]]*\])*)\]\(\s*<?((?:[^\s()<>]|\([^\s()]*\))+)>?(?:\s+"[^"]*")?\s*\)/g,
      (_, words: string, address: string) => `${keep(`<a href="${escapeHtml(address)}">`)}${words}${keep('</a>')}`,
    )
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the mark of what was set aside ends an address
    .replace(/(?<![\w/"=>])https?:\/\/[^\s<>\u0000]*[^\s<>\u0000.,;:!?)'"]/g, (address) =>
      keep(`<a href="${escapeHtml(address)}">${escapeHtml(address)}</a>`),
    )
    .replace(/(\*\*|__)(?=\S)([\s\S]*?\S)\1/g, '<strong>$2</strong>')
    .replace(/\*(?=\S)([^*]*?[^\s*])\*/g, '<em>$1</em>')
    .replace(/(?<!\w)_(?=\S)([^_]*?[^\s_])_(?!\w)/g, '<em>$1</em>')
    .replace(/~~(?=\S)([\s\S]*?\S)~~/g, '<del>$1</del>')
    .replace(/ {2,}\n|\\\n/g, '<br>\n');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the mark of what was set aside
  const mark = /\u0000(\d+)\u0000/g;
  let html = marked;
  for (let round = 0; round < 5 && html.includes('\u0000'); round++)
    html = html.replace(mark, (_, index: string) => aside[Number(index)] ?? '');
  return html;
}

/** Draws the formulas that `renderMarkdown` has marked, after the page was sanitised: MathML is made here, never passed on. */
export function drawFormulas(html: string): string {
  return html.replace(/<(span|div) class="math">([^<]*)<\/\1>/g, (_, element: string, escaped: string) => {
    const display = element === 'div';
    const tex = plainText(escaped);
    const drawn = texToMathml(tex, { display }) ?? `<code>${escapeHtml(tex)}</code>`;
    return `<${element} class="math" title="${escapeHtml(tex)}">${drawn}</${element}>`;
  });
}
