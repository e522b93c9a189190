/** Notebook outputs → HTML of the shared page. Everything that comes from a notebook is sanitised here. */
import { SCHEMA, type VegaLiteSpec } from '../spec';
import { escapeHtml } from '../escape';
import { MIME } from '../mime';
import { ownConfig } from '../theme';
import { ansiHtml, overwritten, stripAnsi } from './ansi';
import { highlight } from './highlight';
import { latexHtml } from './latex';
import { drawFormulas, renderMarkdown } from './markdown';
import { type Cell, joined, type Output } from './notebook';
import { sanitizeHtml, sanitizeSvg } from './sanitize';

/** Longest text of one output on the page, in characters. */
const TEXT_LIMIT = 20_000;

/** The outputs of a cell; consecutive texts of one stream are joined. */
export function outputsHtml(cell: Cell): string {
  const merged: Output[] = [];
  for (const output of cell.outputs ?? []) {
    const last = merged.at(-1);
    if (output.output_type === 'stream' && last?.output_type === 'stream' && last.name === output.name) {
      merged[merged.length - 1] = { ...last, text: joined(last.text) + joined(output.text) };
    } else merged.push(output);
  }
  return merged.map(outputHtml).filter(Boolean).join('\n');
}

function outputHtml(output: Output): string {
  if (output.output_type === 'stream')
    return textHtml(joined(output.text), output.name === 'stderr' ? 'stderr' : 'stdout');
  if (output.output_type === 'error') {
    const trace = (output.traceback ?? []).map(joined).join('\n') || `${output.ename}: ${output.evalue}`;
    return `<div class="output error"><b>${escapeHtml(output.ename ?? 'Error')}</b>: ${escapeHtml(output.evalue ?? '')}${textHtml(trace, 'trace')}</div>`;
  }
  const html = bundleHtml(output.data ?? {}, output.metadata ?? {});
  return html && `<div class="output">${html}</div>`;
}

/** The richest form of a bundle that can be shown without running its scripts. */
function bundleHtml(data: Record<string, unknown>, metadata: Record<string, unknown>): string {
  const still = stillHtml(data, metadata);
  const spec = Object.entries(data).find(([type]) => /^application\/vnd\.vegalite\.v[456]\+json$/.test(type))?.[1];
  if (spec && typeof spec === 'object') return chartHtml(spec as VegaLiteSpec, still);
  const html = joined(data[MIME.html]);
  if (html.trim()) return `<div class="rich">${sanitizeHtml(html)}</div>`;
  const markdown = joined(data[MIME.markdown]);
  if (markdown) return `<div class="prose">${drawFormulas(sanitizeHtml(renderMarkdown(markdown)))}</div>`;
  const latex = joined(data['text/latex']);
  const formula = latex && latexHtml(latex);
  if (formula) return `<div class="prose">${formula}</div>`;
  if (still) return still;
  if (data['application/json'] !== undefined) return jsonHtml(data['application/json']);
  const text = latex || joined(data[MIME.text]);
  return text ? textHtml(text, 'result') : '';
}

/** A picture as an `img`, in which browsers run no scripts. */
function stillHtml(data: Record<string, unknown>, metadata: Record<string, unknown>): string {
  const alt = escapeHtml(joined(data[MIME.text]).slice(0, 300));
  const svg = joined(data[MIME.svg]);
  const clean = svg && sanitizeSvg(svg);
  if (clean) return `<img class="picture" alt="${alt}" src="${svgAddress(clean)}">`;
  for (const type of [MIME.png, 'image/jpeg', 'image/gif', 'image/webp']) {
    const image = joined(data[type]).replace(/\s/g, '');
    if (!/^[\w+/=]+$/.test(image)) continue;
    const width = Number((metadata[type] as { width?: unknown } | undefined)?.width);
    // A picture isn't shrunk so far that its captions become illegible; it scrolls sideways instead.
    const size = width > 0 ? ` width="${Math.round(width)}" style="--least:${Math.round(0.8 * width)}px"` : '';
    return `<img class="picture" alt="${alt}"${size} src="data:${type};base64,${image}">`;
  }
  return '';
}

/** An SVG as a data URL that is safe in an attribute, a fifth shorter than base64. */
function svgAddress(svg: string): string {
  return `data:image/svg+xml,${svg.replace(/[%#<>"'&\s]/g, (letter) => encodeURIComponent(letter).replace("'", '%27'))}`;
}

/** An interactive chart: its spec as data (never as script), and a still picture until it is drawn. */
function chartHtml(spec: VegaLiteSpec, still: string): string {
  const { config, ...rest } = spec;
  const own = ownConfig(config);
  const safe = JSON.stringify({ ...rest, $schema: SCHEMA.replace('v5', 'v6'), ...(own && { config: own }) });
  return `<div class="chart"><div class="still">${still}</div><script type="application/json" data-chart>${scriptSafe(safe)}</script></div>`;
}

/** JSON escaped so that it can't end the script element around it. */
export function scriptSafe(json: string): string {
  return json.replaceAll('<', '\\u003c').replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
}

function textHtml(text: string, kind: string): string {
  const shown = overwritten(text).trimEnd();
  if (!stripAnsi(shown).trim()) return '';
  return folded(`<pre class="text ${kind}">${ansiHtml(limited(shown))}</pre>`, shown);
}

/** The start of a text that is too long for a page. */
function limited(text: string): string {
  const rest = text.length - TEXT_LIMIT;
  return rest > 0 ? `${text.slice(0, TEXT_LIMIT)}\n… ${rest} more characters` : text;
}

/** Long outputs are folded away. */
function folded(pre: string, text: string): string {
  const lines = text.split('\n').length;
  return lines > 30 ? `<details class="long"><summary>${lines} lines of output</summary>${pre}</details>` : pre;
}

function jsonHtml(value: unknown): string {
  const text = JSON.stringify(value, undefined, 2);
  return folded(`<pre class="text json">${highlight(limited(text), 'json')}</pre>`, text);
}
