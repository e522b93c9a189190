/** Standard output and error of cells, sent with the number of the run that wrote it. */
import { StringDecoder } from 'node:string_decoder';
import { send } from './channel';
import { currentRun } from './runs';

type Name = 'stdout' | 'stderr';

/** Decoders by run; they hold the first bytes of a character that isn't complete yet. */
const decoders: Record<Name, Map<number, StringDecoder>> = { stdout: new Map(), stderr: new Map() };

/** Replaces `process.stdout.write` and `process.stderr.write`. Native code writes to the pipes instead. */
export function installOutput(): void {
  for (const name of ['stdout', 'stderr'] as const) {
    const write = (chunk: string | Uint8Array, encoding?: unknown, callback?: unknown): boolean => {
      const run = currentRun()?.run ?? 0;
      const text = decode(name, run, chunk, typeof encoding === 'string' ? encoding : 'utf8');
      if (text !== '') send({ type: 'stream', run, name, text });
      const done = typeof encoding === 'function' ? encoding : callback;
      if (typeof done === 'function') process.nextTick(done);
      return true;
    };
    process[name].write = write as typeof process.stdout.write;
  }
}

/** Sends the incomplete characters that a run has left. */
export function flushOutput(run: number): void {
  for (const name of ['stdout', 'stderr'] as const) {
    const text = decoders[name].get(run)?.end() ?? '';
    decoders[name].delete(run);
    if (text !== '') send({ type: 'stream', run, name, text });
  }
}

function decode(name: Name, run: number, chunk: string | Uint8Array, encoding: string): string {
  const plain = typeof chunk === 'string' && /^utf-?8$/i.test(encoding);
  const open = decoders[name].get(run);
  if (plain && open === undefined) return chunk;
  const bytes = typeof chunk === 'string' ? Buffer.from(chunk, encoding as BufferEncoding) : asBytes(chunk);
  const decoder = open ?? new StringDecoder('utf8');
  decoders[name].set(run, decoder);
  return decoder.write(bytes);
}

function asBytes(chunk: unknown): Buffer {
  if (!ArrayBuffer.isView(chunk)) {
    throw new TypeError(
      `Expected a string or bytes to write, got ${chunk === null ? 'null' : typeof chunk}. Write String(value).`,
    );
  }
  return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}
