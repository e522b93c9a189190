/** How cells show something: the channel at Symbol.for('stillhouse.display'), and rich last values. */
import type { Json } from '../protocol/message';
import { encode, type MimeBundle } from './bundle';
import { send } from './channel';
import { onComm, openComm } from './comms';
import { describeError } from './errors';
import { currentRun } from './runs';
import { attempt, inspectSafely, isInterrupted } from './values';
import { openWidget } from './widgets';

export interface DisplayOptions {
  metadata?: Record<string, unknown>;
  /** Identifies the output for later updates. */
  displayId?: string;
  /** Replaces the outputs shown under `displayId` instead of adding one. */
  update?: boolean;
}

const JUPYTER_DISPLAY = Symbol.for('Jupyter.display');

/** Installs the channel where `src/charts` and other libraries look for it. */
export function installDisplay(): void {
  const channel = {
    display: (bundle: MimeBundle, options: DisplayOptions = {}): void => {
      const { metadata = metadataOf(bundle), displayId, update = false } = options;
      if (update && displayId === undefined) {
        throw new Error('Expected `displayId` to name the output to update, got none. Give the id it was shown under.');
      }
      const identity = displayId === undefined ? {} : { displayId };
      send({ type: 'display', run: currentRun()?.run ?? 0, data: encode(bundle), metadata, update, ...identity });
    },
    clearOutput: ({ wait = false }: { wait?: boolean } = {}): void => {
      send({ type: 'clear', run: currentRun()?.run ?? 0, wait });
    },
    openComm,
    onComm,
    openWidget,
  };
  Object.defineProperty(globalThis, Symbol.for('stillhouse.display'), { value: channel, configurable: true });
}

const METADATA = Symbol.for('stillhouse.metadata');

/**
 * The bundle of a cell's last value: that of its `[Symbol.for('Jupyter.display')]()`, else text by Node's `inspect`. A
 * bundle may hold the output's metadata (the size of an image) under `Symbol.for('stillhouse.metadata')`. If the value's
 * own method throws, it is shown as text.
 */
export async function represent(value: unknown): Promise<{ data: Json; metadata: Json }> {
  const rich = attempt(() => (value as Record<symbol, unknown> | null | undefined)?.[JUPYTER_DISPLAY]);
  const plain = () => ({ 'text/plain': text(value) });
  if (typeof rich !== 'function') return { data: plain(), metadata: {} };
  try {
    const bundle = (await rich.call(value)) as MimeBundle;
    const data = encode(bundle);
    return { data: 'text/plain' in data ? data : { ...data, ...plain() }, metadata: metadataOf(bundle) };
  } catch (error) {
    if (isInterrupted(error)) throw error;
    const { ename, evalue } = describeError(error);
    process.stderr.write(`The value's own display method failed, so it is shown as text. ${ename}: ${evalue}\n`);
    return { data: plain(), metadata: {} };
  }
}

function metadataOf(bundle: MimeBundle): Json {
  const metadata = (bundle as Record<symbol, unknown>)[METADATA];
  return metadata === undefined ? {} : (JSON.parse(JSON.stringify(metadata)) as Json);
}

/** Maximum length of a value's text, characters. */
const LONGEST = 100_000;

function text(value: unknown): string {
  const whole = inspectSafely(value, { depth: 4, maxArrayLength: 100, maxStringLength: 20_000, breakLength: 100 });
  if (whole.length <= LONGEST) return whole;
  return `${whole.slice(0, LONGEST)}\n… ${(whole.length - LONGEST).toLocaleString('en')} more characters`;
}
