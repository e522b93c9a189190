/** `show`: one call that shows any result in a notebook (ours, stock tslab) or a terminal. */
import { inspect } from 'node:util';
import type { Pixels } from '../datasets';
import { displayChannel } from './channel';
import { chartBundle } from './render';
import { isVegaLite, type VegaLiteSpec } from './spec';
import { escapeHtml, shorten } from './escape';
import { distilledPicture, isPicturedSet } from './distilled-picture';
import { type ImageGrid, imageGrid, isImageGrid } from './gallery';
import { DISPLAY, isDisplayable, isMimeBundle, MIME, type MimeBundle, metadataOf, withMetadata } from './mime';
import { isArquero, isRows, type PlainTableOptions, plainTableBundle } from './plain-table';
import { styledHtml, titleHtml } from './style';
import { isTensor, tensorBundle } from './tensor-view';

/** How a value is shown. Options that don't apply to a kind of value are ignored. */
export interface FormOptions extends PlainTableOptions {
  /** Shown above the output. */
  title?: string;
  /** Most rows of a table (default 20), images of a list or tensor, or images per class of a distilled set. */
  limit?: number;
}

export interface ShowOptions extends FormOptions {
  /** Identifies the output, so that a later `show` with the same id can replace it. */
  displayId?: string;
  /** Replace the output named `displayId`. Default: false. */
  update?: boolean;
}

/** Longest plain text that goes into an output, in characters. */
const TEXT_LIMIT = 100_000;
/** Largest form, in characters, that goes into an output beside the plain text. */
const FORM_LIMIT = 16_000_000;

/**
 * Shows a value, or the value of a promise: a results table, rows or an Arquero table, a chart, a tensor, images, a
 * distilled set, an error, or anything with its own `Jupyter.display`. Anything else is printed as Node would print it.
 * @throws what the promise rejects with
 * @example
 * await show(rows, { title: 'Runs', limit: 50 });
 * await show(diffusionDrivenSelection(dataset, { prior, imagesPerClass: 10 }), { title: 'Ours', limit: 5 });
 */
export async function show(value: unknown, options: ShowOptions = {}): Promise<void> {
  const bundle = limitBundle(await toBundle(value, options));
  const metadata = metadataOf(bundle);
  const { displayId, update } = options;
  displayChannel().display(bundle, {
    ...(metadata && { metadata }),
    ...(displayId !== undefined && { displayId }),
    ...(update !== undefined && { update }),
  });
}

/** Shows Markdown text. */
export async function showMarkdown(markdown: string): Promise<void> {
  displayChannel().display({ [MIME.markdown]: markdown, [MIME.text]: markdown });
}

/** A value, or the value of a promise, as a MIME bundle. @throws what the promise rejects with */
export async function toBundle(promised: unknown, options: FormOptions = {}): Promise<MimeBundle> {
  const value = await promised;
  const { title } = options;
  const picture = await asPicture(value, options);
  if (picture) return picture[DISPLAY]();
  if (isTensor(value)) return tensorBundle(value, options);
  if (isArquero(value) || isRows(value)) return plainTableBundle(value, options);
  if (isVegaLite(value)) return chartBundle(title === undefined ? value : withChartTitle(value, title));
  return withTitle(await ownForm(value), title);
}

/** Images of any kind as a grid, which applies title and limit itself. */
async function asPicture(value: unknown, { title, limit }: FormOptions): Promise<ImageGrid | undefined> {
  const options = { ...(title !== undefined && { title }), ...(limit !== undefined && { limit }) };
  if (isImageGrid(value)) return Object.keys(options).length > 0 ? value.redraw(options) : value;
  if (isPicturedSet(value)) return distilledPicture(value, options);
  if (isPixels(value)) return imageGrid([value], options);
  if (Array.isArray(value) && value.length > 0 && value.flat().every(isPixels)) {
    return imageGrid(value as Pixels[] | Pixels[][], options);
  }
  return undefined;
}

async function ownForm(value: unknown): Promise<MimeBundle> {
  if (isDisplayable(value)) return value[DISPLAY]();
  if (isMimeBundle(value)) return value;
  if (value instanceof Error) return errorBundle(value);
  const text =
    typeof value === 'string' ? value : inspect(value, { depth: 4, maxArrayLength: 100, maxStringLength: 10_000 });
  return { [MIME.text]: text };
}

/** Replaces the title and keeps the subtitle. */
function withChartTitle(spec: VegaLiteSpec, text: string): VegaLiteSpec {
  const { title } = spec;
  return { ...spec, title: typeof title === 'object' && title !== null ? { ...title, text } : text };
}

/** Puts a title above the forms that are text: HTML, Markdown and plain text. */
function withTitle(bundle: MimeBundle, title: string | undefined): MimeBundle {
  if (title === undefined) return bundle;
  const over: [type: string, heading: string][] = [
    [MIME.html, styledHtml(titleHtml(title))],
    [MIME.markdown, `**${title}**\n\n`],
    [MIME.text, `${title}\n`],
  ];
  const titled = { ...bundle };
  for (const [type, heading] of over) {
    if (typeof bundle[type] === 'string') titled[type] = `${heading}${bundle[type]}`;
  }
  const metadata = metadataOf(bundle);
  return metadata ? withMetadata(titled, metadata) : titled;
}

function isPixels(value: unknown): value is Pixels {
  const pixels = value as Partial<Pixels> | null | undefined;
  return (
    pixels?.data instanceof Uint8Array &&
    typeof pixels.height === 'number' &&
    typeof pixels.width === 'number' &&
    pixels.data.length === pixels.height * pixels.width * 3
  );
}

/** An error: its message, its causes, and the stack folded away. */
export function errorBundle(error: Error): MimeBundle {
  const causes: string[] = [];
  for (let cause = error.cause; cause instanceof Error && causes.length < 5; cause = cause.cause)
    causes.push(`${cause.name}: ${cause.message}`);
  const html = [
    `<b>${escapeHtml(error.name)}</b>: ${escapeHtml(error.message)}`,
    ...causes.map((cause) => `<div class="sh-quiet">because of ${escapeHtml(cause)}</div>`),
    error.stack
      ? `<details><summary class="sh-quiet">stack</summary><pre>${escapeHtml(shorten(error.stack, 10_000))}</pre></details>`
      : '',
  ].join('');
  const text = [`${error.name}: ${error.message}`, ...causes.map((cause) => `  because of ${cause}`)].join('\n');
  return { [MIME.html]: styledHtml(`<div class="sh-error">${html}</div>`), [MIME.text]: text };
}

/** Cuts the plain text and drops forms that are too large for a browser, and says so in the text. */
export function limitBundle(bundle: MimeBundle): MimeBundle {
  const kept: MimeBundle = {};
  const dropped: string[] = [];
  for (const [type, content] of Object.entries(bundle)) {
    const size = typeof content === 'string' ? content.length : (JSON.stringify(content)?.length ?? 0);
    if (type === MIME.text && typeof content === 'string') kept[type] = cutText(content);
    else if (size > FORM_LIMIT) dropped.push(`${type} (${Math.round(size / 1e6)} MB)`);
    else kept[type] = content;
  }
  if (dropped.length > 0) {
    kept[MIME.text] =
      `${kept[MIME.text] ?? ''}\n[left out as too large for a notebook: ${dropped.join(', ')}. Save it to a file instead.]`.trim();
  }
  const metadata = metadataOf(bundle);
  return metadata ? withMetadata(kept, metadata) : kept;
}

function cutText(text: string): string {
  if (text.length <= TEXT_LIMIT) return text;
  return `${text.slice(0, TEXT_LIMIT)}\n… ${(text.length - TEXT_LIMIT).toLocaleString('en')} more characters`;
}
