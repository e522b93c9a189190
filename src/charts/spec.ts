/** The type of a Vega-Lite specification. */

/** A Vega-Lite specification, as plain JSON. */
export interface VegaLiteSpec {
  $schema: string;
  [property: string]: unknown;
}

/** JupyterLab 4 ships Vega-Lite 5; our specs keep to what 5 and 6 share, and are rendered by 6 here. */
export const SCHEMA = 'https://vega.github.io/schema/vega-lite/v5.json';

/** Whether a plain object is a Vega-Lite spec. */
export function isVegaLite(value: unknown): value is VegaLiteSpec {
  const schema = (value as { $schema?: unknown } | null | undefined)?.$schema;
  return typeof schema === 'string' && schema.includes('/vega-lite/');
}
