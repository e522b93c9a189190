/** Where displays go: our kernel, stock tslab, or the terminal. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { MIME, type MimeBundle } from './mime';

export interface DisplayOptions {
  /** Output metadata by MIME type. */
  metadata?: Record<string, unknown>;
  /** Identifies the output, so that it can be replaced later. */
  displayId?: string;
  /** Replace the output with that id instead of adding one. Default: false. */
  update?: boolean;
}

/** What the kernel's cell process offers under `Symbol.for('stillhouse.display')`. */
export interface DisplayChannel {
  display(bundle: MimeBundle, options?: DisplayOptions): void;
  clearOutput(options?: { wait?: boolean }): void;
  /** Opens a Jupyter widget with this state; undefined if no front-end has asked for widgets. */
  openWidget?(state: Record<string, unknown>, events: WidgetEvents): Widget | undefined;
}

export interface WidgetEvents {
  /** The widget in the front-end has sent something. */
  onMessage(content: unknown): void;
  /** The cell that made the widget has failed or was interrupted. */
  onAbandoned(): void;
}

/** A widget in the front-end, reached over a comm. */
export interface Widget {
  readonly id: string;
  update(state: Record<string, unknown>): void;
  close(): void;
}

/** A channel, and what it leads to. */
export interface OpenChannel extends DisplayChannel {
  readonly kind: 'kernel' | 'tslab' | 'terminal';
}

/** The current channel. It is looked up at every call because a kernel may set it late. */
export function displayChannel(): OpenChannel {
  return kernelChannel() ?? tslabChannel() ?? terminalChannel;
}

function kernelChannel(): OpenChannel | undefined {
  const channel = (globalThis as Record<symbol, unknown>)[Symbol.for('stillhouse.display')] as
    | Partial<DisplayChannel>
    | undefined;
  if (typeof channel?.display !== 'function') return undefined;
  return {
    kind: 'kernel',
    display: (bundle, options) => channel.display?.(bundle, options),
    clearOutput: (options) => channel.clearOutput?.(options),
    openWidget: (state, events) => channel.openWidget?.(state, events),
  };
}

type TslabWriter = (
  content: { data: MimeBundle; metadata: Record<string, unknown>; transient: { display_id?: string } },
  update: boolean,
) => void;

/**
 * tslab's public display API sends one MIME type per message; the writer beneath it sends a whole bundle. We find that
 * writer in the module cache, wherever tslab is installed, and never load it ourselves.
 */
function tslabChannel(): OpenChannel | undefined {
  const { cache } = createRequire(join(process.cwd(), 'cell.cjs'));
  const path = Object.keys(cache).find((key) => /[\\/]tslab[\\/]dist[\\/]jupyter\.js$/.test(key));
  const write =
    path && (cache[path]?.exports as { lastWriteDisplayData?: TslabWriter } | undefined)?.lastWriteDisplayData;
  if (!write) return undefined;
  return {
    kind: 'tslab',
    display: (bundle, { metadata = {}, displayId, update = false } = {}) =>
      write({ data: bundle, metadata, transient: displayId === undefined ? {} : { display_id: displayId } }, update),
    clearOutput: () => {}, // tslab has no such message
  };
}

const terminalChannel: OpenChannel = {
  kind: 'terminal',
  display: (bundle) => {
    process.stdout.write(`${plainText(bundle)}\n`);
  },
  clearOutput: () => {},
};

/** The text or Markdown of a bundle; the list of its MIME types where it has neither. */
export function plainText(bundle: MimeBundle): string {
  const text = bundle[MIME.text] ?? bundle[MIME.markdown];
  return typeof text === 'string' ? text : `[${Object.keys(bundle).join(', ')}]`;
}
