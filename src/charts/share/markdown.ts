/**
 * Markdown → HTML for notebook cells, by marked: CommonMark with GitHub's tables, task lists, footnotes and bare links.
 * Raw HTML passes through, so the caller has to sanitise the result; `drawFormulas` draws the formulas afterwards.
 */
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import type * as MarkedModule from 'marked';
import type footnoteExtension from 'marked-footnote';
import { escapeHtml, plainText } from '../escape';
import { highlight } from './highlight';
import { texToMathml, texToText } from './tex';

/** Renders a Markdown text. The caller has to sanitise the result. */
export function renderMarkdown(markdown: string): string {
  return parser(markdown).parse(markdown, { async: false });
}

/** Headings of a Markdown text, in order, as plain text. */
export function headingsOf(markdown: string): { level: number; text: string }[] {
  return parser(markdown)
    .lexer(markdown)
    .flatMap((token) => (token.type === 'heading' ? [{ level: token.depth, text: plainOf(token.text) }] : []));
}

/** The first paragraph that is not a picture, as plain text; empty if there is none. */
export function firstParagraph(markdown: string): string {
  const paragraphs = parser(markdown)
    .lexer(markdown)
    .filter(({ type }) => type === 'paragraph');
  return paragraphs.map((token) => plainOf('text' in token ? String(token.text) : '')).find(Boolean) ?? '';
}

/** Inline Markdown as plain text, formulas in Unicode letters. */
export function plainOf(text: string): string {
  return wordsOf(parser(text).parseInline(text, { async: false }));
}

/** Rendered HTML as plain text, formulas in Unicode letters. */
export function wordsOf(html: string): string {
  const words = html.replace(MATH, (_, __, tex: string) => escapeHtml(texToText(plainText(tex))));
  return plainText(words.replace(/<[^>]*>/g, ''))
    .replace(/\s+/g, ' ')
    .trim();
}

const MATH = /<(span|div) class="math">([^<]*)<\/\1>/g;

/** Draws the formulas that `renderMarkdown` has marked. Runs after sanitising, so MathML comes only from here. */
export function drawFormulas(html: string): string {
  return html.replace(MATH, (_, element: string, escaped: string) => {
    const tex = plainText(escaped);
    const drawn = texToMathml(tex, { display: element === 'div' }) ?? `<code>${escapeHtml(tex)}</code>`;
    return `<${element} class="math" title="${escapeHtml(tex)}">${drawn}</${element}>`;
  });
}

/** Marks a formula for `drawFormulas`. */
export function formulaMark(tex: string, { display }: { display: boolean }): string {
  const element = display ? 'div' : 'span';
  return `<${element} class="math">${escapeHtml(tex.trim())}</${element}>`;
}

const require = createRequire(import.meta.url);

/** A parser for one text. Footnote ids hold a hash of the text, so that those of two cells on a page don't collide. */
function parser(markdown: string): MarkedModule.Marked {
  // Loaded on first use: every notebook imports this folder, and few make a page.
  const { Marked } = require('marked') as typeof MarkedModule;
  const footnotes = require('marked-footnote') as typeof footnoteExtension;
  const prefixId = `note-${createHash('sha256').update(markdown).digest('hex').slice(0, 8)}-`;
  return new Marked(footnotes({ prefixId }), {
    gfm: true,
    extensions: [displayFormula, inlineFormula],
    renderer: {
      code: ({ text, lang }) => `<pre><code>${highlight(text, lang?.split(' ')[0] || 'text')}</code></pre>\n`,
      // A page for reading needs no form elements.
      checkbox: ({ checked }) => (checked ? '☑ ' : '☐ '),
    },
  });
}

const DISPLAY = [
  /^ {0,3}\$\$([\s\S]+?)\$\$[ \t]*(?:\n|$)/,
  /^ {0,3}\\\\\[([\s\S]+?)\\\\\][ \t]*(?:\n|$)/,
  /^ {0,3}(\\begin\{([a-z]+\*?)\}[\s\S]+?\\end\{\2\})[ \t]*(?:\n|$)/,
];

/** A formula on lines of its own: `$$ … $$`, `\\[ … \\]`, or an environment. */
const displayFormula: MarkedModule.TokenizerAndRendererExtension = {
  name: 'displayFormula',
  level: 'block',
  start: (source) => /(?:^|\n) {0,3}(?:\$\$|\\\\\[|\\begin\{)/.exec(source)?.index,
  tokenizer(source) {
    const found = DISPLAY.map((pattern) => pattern.exec(source)).find(Boolean);
    return found ? { type: 'displayFormula', raw: found[0], tex: found[1] } : undefined;
  },
  renderer: ({ tex }) => `${formulaMark(String(tex), { display: true })}\n`,
};

// Money isn't a formula: a formula neither begins nor ends with a space, and isn't followed by a digit.
const INLINE = [
  /^\$\$(?! )([^$`]+?)(?<![ \\])\$\$/,
  /^\$(?![ $])([^$`]+?)(?<![ \\])\$(?!\d)/,
  /^\\\\\(([\s\S]+?)\\\\\)/,
];

/** An inline formula: `$ … $` or `\\( … \\)`. */
const inlineFormula: MarkedModule.TokenizerAndRendererExtension = {
  name: 'inlineFormula',
  level: 'inline',
  start: (source) => /\$|\\\\\(/.exec(source)?.index,
  tokenizer(source) {
    const found = INLINE.map((pattern) => pattern.exec(source)).find(Boolean);
    return found ? { type: 'inlineFormula', raw: found[0], tex: found[1] } : undefined;
  },
  renderer: ({ tex }) => formulaMark(String(tex), { display: false }),
};
