/**
 * Makes HTML and SVG from notebook outputs harmless: no scripts, handlers, frames, style sheets, or URLs that run or
 * fetch something. The text is parsed and written again from allow-lists, so that nothing unknown and no syntax of the
 * source gets through. (The shared page's Content-Security-Policy forbids foreign scripts as well.)
 */
import { escapeHtml } from '../escape';
import { ATTRIBUTES, DROPPED, ELEMENTS, RAW_TEXT, SVG_ATTRIBUTES, SVG_NAMES, VOID } from './allowed';

export interface SanitizeOptions {
  /** Write XML (for a stand-alone SVG) instead of HTML. Default: false. */
  xml?: boolean;
  /** The data URL that replaces the address of an `img`; undefined leaves the picture out. Default: none. */
  picture?: (address: string) => string | undefined;
}

/** HTML without anything that could run, load, or break out of its container. All elements are closed. */
export function sanitizeHtml(html: string, { xml = false, picture }: SanitizeOptions = {}): string {
  const out: string[] = [];
  const open: string[] = [];
  let at = 0;
  while (at < html.length) {
    const next = html.indexOf('<', at);
    if (next < 0) {
      out.push(cleanText(html.slice(at), xml));
      break;
    }
    out.push(cleanText(html.slice(at, next), xml));
    at = next;
    const tag = readTag(html, at);
    if (!tag) {
      out.push('&lt;');
      at += 1;
      continue;
    }
    at = tag.end;
    if (tag.kind === 'comment') continue;
    const { name } = tag;
    if (tag.kind === 'close') {
      if (open.includes(name)) {
        for (let last = open.pop(); last !== undefined; last = open.pop()) {
          out.push(`</${SVG_NAMES.get(last) ?? last}>`);
          if (last === name) break;
        }
      }
      continue;
    }
    if (DROPPED.has(name)) {
      if (!tag.selfClosing && !VOID.has(name)) at = skipElement(html, at, name);
      continue;
    }
    if (!ELEMENTS.has(name)) continue; // drop the tag, keep its content
    const given = tag.attributes.map(([key, value]): [string, string] =>
      name === 'img' && key === 'src' ? [key, picture?.(value) ?? value] : [key, value],
    );
    const attributes = cleanAttributes(name, given);
    if (name === 'img' && !attributes.some(([key]) => key === 'src')) {
      out.push(escapeHtml(`[image: ${tag.attributes.find(([key]) => key === 'alt')?.[1] || 'not included'}]`));
      continue;
    }
    const written = attributes
      .map(([key, value]) => ` ${SVG_ATTRIBUTES.get(key) ?? key}="${escapeHtml(value)}"`)
      .join('');
    const leaf = VOID.has(name) || (xml && tag.selfClosing);
    out.push(`<${SVG_NAMES.get(name) ?? name}${written}${leaf && xml ? '/' : ''}>`);
    if (!leaf) {
      // In HTML, a slash closes only foreign elements.
      if (tag.selfClosing && SVG_NAMES.has(name)) out.push(`</${SVG_NAMES.get(name)}>`);
      else open.push(name);
    }
  }
  while (open.length > 0) {
    const name = open.pop() as string;
    out.push(`</${SVG_NAMES.get(name) ?? name}>`);
  }
  return out.join('');
}

/** A stand-alone SVG document without anything that could run or load; undefined when there is no `<svg>` in it. */
export function sanitizeSvg(svg: string): string | undefined {
  const clean = sanitizeHtml(svg, { xml: true });
  const start = clean.indexOf('<svg');
  const end = clean.lastIndexOf('</svg>');
  if (start < 0 || end < 0) return undefined;
  const body = clean.slice(start, end + 6);
  return /^<svg[^>]* xmlns=/.test(body) ? body : body.replace('<svg', '<svg xmlns="http://www.w3.org/2000/svg"');
}

interface Tag {
  kind: 'open' | 'close' | 'comment';
  name: string;
  attributes: [name: string, value: string][];
  selfClosing: boolean;
  end: number;
}

/** Reads the tag at `start`; undefined if the `<` there doesn't begin a tag. */
function readTag(html: string, start: number): Tag | undefined {
  const none = { name: '', attributes: [], selfClosing: false };
  if (html.startsWith('<!--', start)) {
    const end = html.indexOf('-->', start + 4);
    return { ...none, kind: 'comment', end: end < 0 ? html.length : end + 3 };
  }
  if (html[start + 1] === '!' || html[start + 1] === '?') {
    const end = html.indexOf('>', start);
    return { ...none, kind: 'comment', end: end < 0 ? html.length : end + 1 };
  }
  const opening = /<(\/?)([a-zA-Z][^\s/>]*)/y;
  opening.lastIndex = start;
  const head = opening.exec(html);
  if (!head) return undefined;
  const attributes: [string, string][] = [];
  const pattern =
    /[\s/]*(?:(>)|([^\s"'<>/=][^\s<>/=]*|["'][^\s>/=]*)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]*)))?|(.))/gsy;
  pattern.lastIndex = start + head[0].length;
  let selfClosing = false;
  for (;;) {
    const from = pattern.lastIndex;
    const match = pattern.exec(html);
    if (!match) return { ...none, kind: 'comment', end: html.length }; // never closed: drop the rest
    if (match[1]) {
      selfClosing = html.slice(from, pattern.lastIndex).includes('/');
      break;
    }
    if (match[2]) attributes.push([match[2].toLowerCase(), decodeEntities(match[3] ?? match[4] ?? match[5] ?? '')]);
  }
  return {
    kind: head[1] ? 'close' : 'open',
    name: (head[2] as string).toLowerCase(),
    attributes,
    selfClosing,
    end: pattern.lastIndex,
  };
}

/** The position after the element's end tag, past nested elements of the same name; the end of the text without one. */
function skipElement(html: string, start: number, name: string): number {
  const pattern = new RegExp(`<(/?)${name}(?=[\\s/>])[^>]*>`, 'gi');
  pattern.lastIndex = start;
  let depth = 1;
  for (let match = pattern.exec(html); match; match = pattern.exec(html)) {
    depth += match[1] ? -1 : RAW_TEXT.has(name) ? 0 : 1;
    if (depth === 0) return pattern.lastIndex;
  }
  return html.length;
}

function cleanAttributes(element: string, attributes: readonly [string, string][]): [string, string][] {
  const kept = new Map<string, string>();
  for (const [name, value] of attributes) {
    const clean = kept.has(name) ? undefined : cleanAttribute(element, name, value);
    if (clean !== undefined) kept.set(name, clean);
  }
  if (element === 'a' && kept.has('href')) kept.set('rel', 'noopener noreferrer');
  return [...kept];
}

function cleanAttribute(element: string, name: string, value: string): string | undefined {
  if (name === 'style') return cleanStyle(value) || undefined;
  if (name === 'id') return /^[\w.:-]+$/.test(value) ? ID_PREFIX + value : undefined;
  if (name === 'xmlns') return element === 'svg' && value === 'http://www.w3.org/2000/svg' ? value : undefined;
  if (name === 'xmlns:xlink') return element === 'svg' && value === 'http://www.w3.org/1999/xlink' ? value : undefined;
  if (name === 'href' || name === 'xlink:href') return cleanAddress(element, value);
  if (name === 'src') return element === 'img' ? cleanImage(value) : undefined;
  if (/^aria-(describedby|labelledby|details|controls|owns)$/.test(name))
    return value.replace(/\S+/g, (id) => ID_PREFIX + id);
  if (/^aria-[a-z]+$/.test(name)) return value;
  if (!ATTRIBUTES.has(name)) return undefined;
  // Paint and clipping may refer to parts of the same picture and nothing else.
  if (/url|image|expression|attr\s*\(/i.test(value) && name !== 'class' && name !== 'title' && name !== 'alt') {
    const own = /^\s*url\(\s*["']?#([\w.:-]+)["']?\s*\)\s*$/.exec(value);
    return own ? `url(#${ID_PREFIX}${own[1]})` : undefined;
  }
  return value;
}

/** Prefix of every id in a notebook's own HTML, and of links to it, so that none collides with an id of the page. */
export const ID_PREFIX = 'out-';

function cleanAddress(element: string, value: string): string | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: browsers skip control characters in addresses, so we must too
  const address = value.replace(/[\u0000-\u0020\u007f-\u00a0]/g, '');
  if (element === 'use' || element.endsWith('gradient'))
    return address.startsWith('#') ? `#${ID_PREFIX}${address.slice(1)}` : undefined;
  if (element === 'image') return cleanImage(address);
  if (element !== 'a') return undefined;
  if (address.startsWith('#')) return address === '#' ? address : `#${ID_PREFIX}${address.slice(1)}`;
  if (/^(https?:\/\/|mailto:)/i.test(address)) return address;
  const relative = !address.startsWith('//') && !/^[^/?#]*:/.test(address);
  return relative ? address : undefined;
}

/** Keeps pictures whose data is in the address; others would have to be fetched. */
function cleanImage(value: string): string | undefined {
  const address = value.replace(/\s/g, '');
  return /^data:image\/(png|jpeg|gif|webp|avif|bmp|svg\+xml);base64,[\w+/=]*$/i.test(address) ? address : undefined;
}

const PROPERTIES =
  /^(color|background(-color)?|font(-\w+)*|text-(align|decoration|transform|indent|overflow)|(padding|margin|border)(-\w+)*|(min-|max-)?(width|height)|display|vertical-align|white-space|opacity|line-height|overflow(-[xy])?|grid(-\w+)*|gap|(align|justify)-\w+|flex(-\w+)*|letter-spacing|list-style(-type)?|fill(-\w+)?|stroke(-\w+)*)$/;

function cleanStyle(style: string): string {
  return style
    .split(';')
    .map((declaration) => declaration.split(':').map((part) => part.trim()))
    .filter(([property = '', value = '', ...more]) => {
      const harmless =
        more.length === 0 &&
        /^[\w\s#%.,()+*/!-]+$/.test(value) &&
        !/url|image|expression|attr|element|\/\*/i.test(value);
      return harmless && PROPERTIES.test(property.toLowerCase());
    })
    .map(([property, value]) => `${property}:${value}`)
    .join(';');
}

/** Escapes text content. Character references are kept; in XML they are replaced by their characters. */
function cleanText(text: string, xml: boolean): string {
  if (xml) return escapeHtml(decodeEntities(text));
  return text.replace(/&(?!(?:[a-zA-Z]\w{1,30}|#\d{1,7}|#[xX][\da-fA-F]{1,6});)/g, '&amp;').replaceAll('>', '&gt;');
}

const NAMED: Record<string, string> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: '\u00a0',
  colon: ':',
  tab: '\t',
  newline: '\n',
  lpar: '(',
  rpar: ')',
  sol: '/',
};

/** Replaces character references by their characters. Unknown names stay as they are, and are escaped when written. */
function decodeEntities(text: string): string {
  return text.replace(
    /&(?:#(\d{1,7})|#[xX]([\da-fA-F]{1,6})|(\w{2,8}));?/g,
    (whole, decimal?: string, hex?: string, name?: string) => {
      if (name) return NAMED[name.toLowerCase()] ?? whole;
      const code = decimal ? Number(decimal) : Number.parseInt(hex as string, 16);
      return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd';
    },
  );
}
