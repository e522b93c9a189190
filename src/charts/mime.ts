/** MIME bundles: one result in several forms, from which each reader (JupyterLab, GitHub, nbconvert, a terminal) takes its best. */

/** MIME type → content: images as base64, JSON types as objects, all else as text. */
export type MimeBundle = Record<string, unknown>;

export const MIME = {
  /** JupyterLab 4 registers Vega-Lite v3, v4 and v5 only; our specs keep to what v5 and v6 share. */
  vegaLite: 'application/vnd.vegalite.v5+json',
  /** Rows and how they were made, as data: read by `share` and `verify`. */
  results: 'application/vnd.stillhouse.results+json',
  html: 'text/html',
  markdown: 'text/markdown',
  text: 'text/plain',
  svg: 'image/svg+xml',
  png: 'image/png',
  /** Moving pictures. */
  gif: 'image/gif',
  /** A place where a Jupyter widget is drawn, by its model's id. */
  widget: 'application/vnd.jupyter.widget-view+json',
} as const;

/** The method by which a value shows itself (Deno's convention, known to our kernel too). */
export const DISPLAY: unique symbol = Symbol.for('Jupyter.display');

/** A value that knows its own rich form. */
export interface Displayable {
  [DISPLAY](): MimeBundle | Promise<MimeBundle>;
}

export function isDisplayable(value: unknown): value is Displayable {
  return typeof (value as Partial<Displayable> | null | undefined)?.[DISPLAY] === 'function';
}

/** Keys look like MIME types and nothing else: an object that is already a bundle. */
export function isMimeBundle(value: unknown): value is MimeBundle {
  if (typeof value !== 'object' || value === null) return false;
  const keys = Object.keys(value);
  return keys.length > 0 && keys.every((key) => /^(text|image|application|audio|video)\/[\w.+-]+$/.test(key));
}

const METADATA = Symbol.for('stillhouse.metadata');

/** Attaches output metadata (an image's size on the page) to a bundle, out of sight of JSON. */
export function withMetadata(bundle: MimeBundle, metadata: Record<string, unknown>): MimeBundle {
  return Object.defineProperty(bundle, METADATA, { value: metadata, enumerable: false });
}

/** The metadata attached to a bundle, if any. */
export function metadataOf(bundle: MimeBundle): Record<string, unknown> | undefined {
  return (bundle as Record<symbol, Record<string, unknown> | undefined>)[METADATA];
}
