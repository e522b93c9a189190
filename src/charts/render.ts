/**
 * Vega-Lite → Vega → SVG → PNG, in this process, with no browser and no canvas.
 *
 * Fonts: SVG text asks for Helvetica, Arial, Liberation Sans or DejaVu Sans, and the reader's machine supplies one. PNGs
 * are drawn here by sharp (librsvg), which silently draws no text, or boxes, where no font is installed (a bare
 * container). There `renderPng` and the galleries use the font of `stroke-font.ts`.
 */
import { extname } from 'node:path';
import { writeWhole } from '../common';
import { expectFinite } from './checks';
import { isVegaLite, type VegaLiteSpec } from './spec';
import { MIME, type MimeBundle } from './mime';
import { svgToPng } from './rasterise';
import { roundSvg } from './round-svg';
import { textWidth } from './text-metrics';
import { type ThemeMode, withOwnConfig } from './theme';

export interface RenderOptions {
  /** Kind of page that the picture is for. Default: 'either' (no background, mid-tone ink). */
  mode?: ThemeMode;
  /** Pixels per unit of a PNG. Default: 2. */
  scale?: number;
}

/** An SVG above this size, in characters, is replaced by the PNG: thousands of marks are smaller as pixels. */
const SVG_LIMIT = 200_000;
/** Specs above this size, in characters, are shown as pictures only: they would slow down the page. */
const SPEC_LIMIT = 4_000_000;

/** The part of Vega and Vega-Lite that is used here. */
interface Libraries {
  vega: {
    View: new (runtime: unknown, options: object) => { toSVG(): Promise<string>; finalize(): void };
    parse(spec: unknown): unknown;
    logger(level: number): unknown;
    Error: number;
    textMetrics: { width(item: { text?: unknown; fontSize?: number }, text?: unknown): number };
  };
  vegaLite: { compile(spec: unknown, options: object): { spec: unknown } };
}

/**
 * Vega takes a sixth of a second to load, so it is loaded when the first chart is drawn. The module names are not
 * literals, so that the type checker doesn't read Vega's 130 type files for every cell that imports this library.
 */
async function load(): Promise<Libraries> {
  const load = (name: string): Promise<unknown> => import(name);
  const [vega, vegaLite] = await Promise.all([load('vega'), load('vega-lite')]);
  const libraries = { vega, vegaLite } as Libraries;
  libraries.vega.textMetrics.width = (item, text) => textWidth(String(text ?? item.text ?? ''), item.fontSize ?? 11);
  return libraries;
}

/** A copy of the spec in the theme of `mode`; the spec's own config overrides the theme's. */
function withTheme(spec: VegaLiteSpec, mode: ThemeMode): VegaLiteSpec {
  return { ...spec, config: withOwnConfig(mode, spec.config) };
}

/**
 * The chart as an SVG document.
 * @throws when Vega-Lite cannot compile the spec; the message says where.
 */
export async function renderSvg(spec: VegaLiteSpec, { mode = 'either' }: RenderOptions = {}): Promise<string> {
  if (!isVegaLite(spec))
    throw new TypeError("Expected a Vega-Lite spec (an object with '$schema'). Make one with barChart, lineChart …");
  const { vega, vegaLite } = await load();
  const warnings = vega.logger(vega.Error); // the schema's version is 5 on purpose: see chart.ts
  const compiled = vegaLite.compile(withTheme(spec, mode), { logger: warnings }).spec;
  const view = new vega.View(vega.parse(compiled), { renderer: 'none', logger: warnings });
  try {
    return roundSvg(await view.toSVG());
  } finally {
    view.finalize();
  }
}

/** The chart as a PNG, at twice its size by default. @throws RangeError unless the scale is finite and over 0 */
export async function renderPng(
  spec: VegaLiteSpec,
  { mode = 'either', scale = 2 }: RenderOptions = {},
): Promise<Buffer> {
  expectFinite({ scale });
  if (scale <= 0) throw new RangeError(`Expected scale to be over 0, got ${scale}.`);
  return svgToPng(await renderSvg(spec, { mode }), { scale, palette: true });
}

/**
 * Writes a chart to a file: `.svg`, `.png`, or `.json` (the spec). Default look: 'light', on white.
 * @throws TypeError for any other file extension.
 */
export async function saveChart(
  spec: VegaLiteSpec,
  path: string,
  { mode = 'light', scale = 2 }: RenderOptions = {},
): Promise<void> {
  const content = await render(spec, extname(path), { mode, scale });
  writeWhole(path, content);
}

async function render(spec: VegaLiteSpec, extension: string, options: RenderOptions): Promise<string | Buffer> {
  switch (extension) {
    case '.svg':
      return renderSvg(spec, options);
    case '.png':
      return renderPng(spec, options);
    case '.json':
      return `${JSON.stringify(spec, undefined, 2)}\n`;
    default:
      throw new TypeError(`Expected a file name ending in .svg, .png or .json, got '${extension}'.`);
  }
}

/** A chart in all its forms: the spec, an SVG if it is small, a PNG, and text. */
export async function chartBundle(spec: VegaLiteSpec): Promise<MimeBundle> {
  const svg = await renderSvg(spec);
  const png = await svgToPng(svg, { scale: 2, palette: true });
  const plain = JSON.parse(JSON.stringify(spec)) as VegaLiteSpec;
  return {
    ...(JSON.stringify(plain).length <= SPEC_LIMIT && { [MIME.vegaLite]: plain }),
    ...(svg.length <= SVG_LIMIT && { [MIME.svg]: svg }),
    [MIME.png]: png.toString('base64'),
    [MIME.text]: describeChart(spec),
  };
}

/** '[chart: Accuracy by method — Mean, 95 % interval]' */
export function describeChart(spec: VegaLiteSpec): string {
  const title = spec.title as { text?: string | string[]; subtitle?: string | string[] } | string | undefined;
  const words = typeof title === 'string' ? [title] : [title?.text, title?.subtitle];
  const text = words.flatMap((lines) => [lines ?? []].flat().join(' ') || []).join(' — ');
  return text ? `[chart: ${text}]` : '[chart]';
}
