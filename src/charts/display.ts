/** `show`: one call that shows any result in a notebook (ours, stock tslab) or a terminal. */
import { inspect } from 'node:util';
import type { Pixels } from '../datasets';
import { displayChannel } from './channel';
import { chartBundle } from './render';
import { isVegaLite } from './spec';
import { escapeHtml, shorten } from './escape';
import { imageGrid } from './gallery';
import { DISPLAY, isDisplayable, isMimeBundle, MIME, type MimeBundle, metadataOf, withMetadata } from './mime';
import { isArquero, isRows, type PlainTableOptions, plainTableBundle } from './plain-table';
import { styledHtml } from './style';
import { isTensor, tensorBundle } from './tensor-view';

export interface ShowOptions extends PlainTableOptions {
  /** Names the output, so that a later `show` with the same name replaces it. */
  displayId?: string;
  /** Replace the output named `displayId`. Default: false. */
  update?: boolean;
}

/** Longest plain text that goes into an output. */
const TEXT_LIMIT = 100_000;
/** Largest form, in characters, that goes into an output beside the plain text. */
const FORM_LIMIT = 16_000_000;

/**
 * Shows a value: a results table, rows or an Arquero table, a chart, a tensor, images, an error, or anything with its
 * own `Jupyter.display`. What it does not know is printed as Node would.
 * @example await show(rows, { title: 'Runs', limit: 50 })
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

/** A value in all its forms. */
export async function toBundle(value: unknown, options: PlainTableOptions = {}): Promise<MimeBundle> {
  if (isDisplayable(value)) return value[DISPLAY]();
  if (isMimeBundle(value)) return value;
  if (value instanceof Error) return errorBundle(value);
  if (isTensor(value)) return tensorBundle(value, options);
  if (isVegaLite(value)) return chartBundle(value);
  if (isArquero(value)) return plainTableBundle(value, options);
  if (isPixels(value))
    return toBundle(await imageGrid([value], { ...(options.title !== undefined && { title: options.title }) }));
  if (Array.isArray(value) && value.length > 0 && value.flat().every(isPixels)) {
    return toBundle(
      await imageGrid(value as Pixels[] | Pixels[][], { ...(options.title !== undefined && { title: options.title }) }),
    );
  }
  if (isRows(value)) return plainTableBundle(value, options);
  return {
    [MIME.text]:
      typeof value === 'string' ? value : inspect(value, { depth: 4, maxArrayLength: 100, maxStringLength: 10_000 }),
  };
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

/** An error: its message in front, its causes, and the stack folded away. */
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

/** Cuts the plain text and drops forms that would choke a browser; the reader is told. */
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
