/** Turns a cell's MIME bundle into one that a notebook file can hold. */
import type { Json } from '../protocol/message';

/** MIME type → content. Binary content may be bytes; text may be a list of lines. */
export type MimeBundle = Record<string, unknown>;

/** Bytes as base64, JSON types as JSON, everything else as text. Empty forms are left out. */
export function encode(bundle: MimeBundle): Json {
  const forms = Object.entries(bundle).map(([type, content]) => [type, form(type, content)] as const);
  return Object.fromEntries(forms.filter(([, content]) => content !== undefined)) as Json;
}

function form(type: string, content: unknown): unknown {
  if (content === undefined || typeof content === 'string') return content;
  if (content instanceof ArrayBuffer) return Buffer.from(content).toString('base64');
  if (ArrayBuffer.isView(content)) {
    return Buffer.from(content.buffer, content.byteOffset, content.byteLength).toString('base64');
  }
  if (/\bjson$/.test(type)) {
    const json = JSON.stringify(content);
    return json === undefined ? undefined : JSON.parse(json);
  }
  if (content === null) return undefined;
  const lines = Array.isArray(content) && content.every((line) => typeof line === 'string');
  return lines ? content.join('') : String(content);
}
