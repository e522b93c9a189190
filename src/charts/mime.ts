/** MIME bundles: a result in several forms, of which JupyterLab, GitHub or a terminal shows the best it can. */

/** MIME type → content: images as base64, JSON types as objects, everything else as text. */
export type MimeBundle = Record<string, unknown>;

export const MIME = {
  /** JupyterLab 4 registers Vega-Lite v3, v4 and v5 only; our specs keep to what v5 and v6 share. */
  vegaLite: 'application/vnd.vegalite.v5+json',
  /** Rows as data, with how they were made; read by `share` and `verify`. */
  results: 'application/vnd.stillhouse.results+json',
  html: 'text/html',
  markdown: 'text/markdown',
  text: 'text/plain',
  svg: 'image/svg+xml',
  png: 'image/png',
  gif: 'image/gif',
  /** A view of a Jupyter widget, by the id of its model. */
  widget: 'application/vnd.jupyter.widget-view+json',
} as const;

/** The method by which a value shows itself: Deno's convention, which our kernel follows. */
export const DISPLAY: unique symbol = Symbol.for('Jupyter.display');

/** A value that knows its own rich form. */
export interface Displayable {
  [DISPLAY](): MimeBundle | Promise<MimeBundle>;
}

export function isDisplayable(value: unknown): value is Displayable {
  return typeof (value as Partial<Displayable> | null | undefined)?.[DISPLAY] === 'function';
}

/** Whether an object is already a bundle: every key looks like a MIME type. */
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
