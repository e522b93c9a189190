/** A bundle as a notebook file may hold it, whatever a cell put in it. */
import type { Json } from '../protocol/message';

/** A bundle: mimetype → content. Binary content may be given as bytes, a text as a list of its lines. */
export type MimeBundle = Record<string, unknown>;

/** Bytes in base64, JSON types as JSON, everything else as text. A form without content is left out. */
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
