/** Embeds the pictures of Markdown cells in the page: attachments, and files in or below the notebook's folder. */
import { readFile } from 'node:fs/promises';
import { extname, relative, resolve } from 'node:path';
import { type Cell, joined } from './notebook';
import { sanitizeHtml, sanitizeSvg } from './sanitize';

/** The sanitised HTML of a Markdown cell, with its pictures embedded. */
export async function withPictures(html: string, cell: Cell, folder: string): Promise<string> {
  const pictures = new Map<string, string | undefined>();
  sanitizeHtml(html, {
    picture: (address) => {
      pictures.set(address, undefined);
      return undefined;
    },
  });
  for (const address of pictures.keys()) {
    const name = /^attachment:(.*)/s.exec(address)?.[1];
    pictures.set(address, name === undefined ? await localPicture(folder, address) : attachment(cell, name));
  }
  return sanitizeHtml(html, { picture: (address) => pictures.get(address) });
}

/** Escapes spaces and brackets in the names of a cell's attachments, so that Markdown can parse the links to them. */
export function withReadableNames(markdown: string, { attachments = {} }: Cell): string {
  return Object.keys(attachments)
    .filter((name) => /[\s()]/.test(name))
    .reduce((text, name) => text.replaceAll(`](attachment:${name})`, `](<attachment:${name}>)`), markdown);
}

/** An attachment as a data URL, in its first form that is a picture; undefined if there is none. */
function attachment(cell: Cell, address: string): string | undefined {
  const forms = cell.attachments?.[address] ?? cell.attachments?.[decoded(address)] ?? {};
  const [type, content] = Object.entries(forms).find(([name]) => name.startsWith('image/')) ?? [];
  if (type === undefined) return undefined;
  const text = joined(content);
  const svg = type === 'image/svg+xml' && text.includes('<') ? sanitizeSvg(text) : undefined;
  return `data:${type};base64,${svg === undefined ? text : Buffer.from(svg).toString('base64')}`;
}

/** A URL decoded to a file name. */
function decoded(address: string): string {
  try {
    return decodeURIComponent(address);
  } catch {
    return address; // A stray per cent sign is part of the name.
  }
}

const TYPES: Record<string, string> = {
  '.png': 'png',
  '.jpg': 'jpeg',
  '.jpeg': 'jpeg',
  '.gif': 'gif',
  '.webp': 'webp',
  '.svg': 'svg+xml',
};

async function localPicture(folder: string, source: string): Promise<string | undefined> {
  const type = TYPES[extname(source).toLowerCase()];
  if (!type || /^[a-z]+:/i.test(source)) return undefined;
  const path = resolve(folder, decoded(source));
  // A notebook from elsewhere must not pull other files of this machine into a page that is passed on.
  if (relative(resolve(folder), path).startsWith('..')) return undefined;
  const content = await readFile(path).catch(() => undefined);
  return content && `data:image/${type};base64,${content.toString('base64')}`;
}
