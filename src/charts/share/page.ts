/** The frame of a shared page: head, bar, styles, scripts, and a Content-Security-Policy that forbids other scripts. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { escapeHtml } from '../escape';
import { OUTPUT_STYLE } from '../style';
import { themeConfig } from '../theme';
import { scriptSafe } from './outputs';

export interface PageParts {
  title: string;
  /** HTML below the bar. */
  body: string;
  /** Buttons of the bar, as HTML. */
  buttons?: string;
  /** Add Vega (0.4 MB, gzipped). */
  charts?: boolean;
  /** Goes in as `<script type="application/json" id="sh-results">`. */
  results?: unknown;
}

/** One HTML document that needs nothing else. */
export async function page({ title, body, buttons = '', charts = false, results }: PageParts): Promise<string> {
  const style = `${await asset('browser.css')}\n${OUTPUT_STYLE}`;
  const vega = charts ? await vegaScripts() : [];
  const own = await asset('browser.js');
  // The policy allows the gzipped scripts too, which the page's own script unpacks and adds.
  const hashes = [...vega, own].map((script) => `'sha256-${createHash('sha256').update(script).digest('base64')}'`);
  const policy = `default-src 'none'; img-src data: blob:; style-src 'unsafe-inline'; script-src ${hashes.join(' ')}; base-uri 'none'; form-action 'none'`;
  const data = (id: string, value: unknown) =>
    `<script type="application/json" id="${id}">${scriptSafe(JSON.stringify(value))}</script>`;
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="generator" content="stillhouse share">',
    `<title>${escapeHtml(title)}</title>`,
    `<style>${style}</style>`,
    '</head>',
    '<body>',
    `<header class="bar"><span class="name">${escapeHtml(title)}</span>${buttons}<button data-action="theme" title="Light or dark">◐</button></header>`,
    body,
    results === undefined ? '' : data('sh-results', results),
    charts ? data('sh-looks', { light: themeConfig('light'), dark: themeConfig('dark') }) : '',
    charts ? `<!-- Vega, Vega-Lite, Vega-Embed: ${LICENCE} -->` : '',
    ...vega.map((script) => `<script type="application/gzip" data-packed>${packed(script)}</script>`),
    `<script>${own}</script>`,
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

const LICENCE =
  'Copyright (c) 2015-2026, University of Washington Interactive Data Lab and contributors. BSD-3-Clause, see https://github.com/vega';

const asset = (name: string) => readFile(new URL(name, import.meta.url), 'utf8');

/** A script as gzip in base64, a third of its size. */
const packed = (script: string): string => gzipSync(script, { level: 9 }).toString('base64');

/** The minified browser builds, as the installed packages ship them. */
async function vegaScripts(): Promise<string[]> {
  const require = createRequire(import.meta.url);
  const vega = dirname(require.resolve('vega/vega-schema.json'));
  const builds = [
    join(vega, 'vega.min.js'),
    join(vega, '../../vega-lite/build/vega-lite.min.js'),
    join(vega, '../../vega-embed/build/vega-embed.min.js'),
  ];
  return Promise.all(builds.map(async (path) => withoutMap(await readFile(path, 'utf8'))));
}

/** Script text without its reference to a source map. */
function withoutMap(script: string): string {
  return script.replace(/\n?\/\/# sourceMappingURL=.*\s*$/, '');
}
