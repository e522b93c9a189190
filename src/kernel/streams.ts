/** Batches what cells print, so that 20,000 lines become a few messages, and limits it, to protect the browser. */
import { TerminalLine } from './terminal-line';

export interface StreamOptions {
  /** How long text waits to be sent together with more, ms. @default 40 */
  interval?: number;
  /** Maximum text per run; of the rest only the end is shown. Characters. @default 1,000,000 */
  limit?: number;
  /** How much of that end is shown, characters. @default 20,000 */
  tail?: number;
}

type Name = 'stdout' | 'stderr';
type Emit = (run: number, name: Name, text: string) => void;

/** What one run has printed. */
interface Printed {
  total: number;
  /** The latest text beyond the limit. */
  tail: { name: Name; text: string }[];
  /** Length of `tail`. */
  kept: number;
  /** The unfinished line of each stream. */
  lines: Record<Name, TerminalLine>;
}

function newlyPrinted(): Printed {
  return { total: 0, tail: [], kept: 0, lines: { stdout: new TerminalLine(), stderr: new TerminalLine() } };
}

/** Maximum text per message, characters. */
const MESSAGE = 64 * 1024;

export class StreamGatherer {
  private pending: { run: number; name: Name; parts: string[]; length: number } | undefined;
  private timer: NodeJS.Timeout | undefined;
  private readonly printed = new Map<number, Printed>();
  private readonly interval: number;
  private readonly limit: number;
  private readonly tail: number;

  constructor(
    private readonly emit: Emit,
    { interval = 40, limit = 1_000_000, tail = 20_000 }: StreamOptions = {},
  ) {
    this.interval = interval;
    this.limit = limit;
    this.tail = tail;
  }

  /** Adds text, which is sent after the interval or by `flush`. */
  push(run: number, name: Name, text: string): void {
    if (this.pending && (this.pending.run !== run || this.pending.name !== name)) this.flush();
    this.pending ??= { run, name, parts: [], length: 0 };
    this.pending.parts.push(text);
    this.pending.length += text.length;
    if (this.pending.length > this.limit) this.flush();
    else this.timer ??= setTimeout(() => this.flush(), this.interval);
  }

  /** Sends the waiting text now. */
  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const { pending } = this;
    this.pending = undefined;
    if (!pending) return;
    const { run, name } = pending;
    const printed = this.printed.get(run) ?? newlyPrinted();
    this.printed.set(run, printed);
    this.send(run, name, printed, printed.lines[name].write(pending.parts.join('')));
  }

  /** Sends as much as the run's limit allows, and holds the rest back. */
  private send(run: number, name: Name, printed: Printed, text: string): void {
    const room = Math.max(0, this.limit - printed.total);
    printed.total += text.length;
    if (room < text.length) this.holdBack(printed, name, text.slice(room));
    for (const message of messages(text.slice(0, room))) this.emit(run, name, message);
  }

  /** Ends a run: sends how much was left out, and the held-back end of it. */
  end(run: number): void {
    this.flush();
    const printed = this.printed.get(run);
    if (!printed) return;
    for (const name of ['stdout', 'stderr'] as const) this.send(run, name, printed, printed.lines[name].end());
    this.printed.delete(run);
    const { total, tail, kept } = printed;
    if (total <= this.limit) return;
    const left = total - this.limit - kept;
    if (left > 0) {
      const words = `${left.toLocaleString('en')} characters are left out here; write this much to a file instead.`;
      this.emit(run, 'stderr', `\n[${words}]\n`);
    }
    for (const { name, text } of tail) this.emit(run, name, text);
  }

  /** Keeps the end of what isn't sent, from the start of a line if possible. */
  private holdBack(printed: Printed, name: Name, text: string): void {
    const last = printed.tail.at(-1);
    if (last?.name === name) last.text += text;
    else printed.tail.push({ name, text });
    printed.kept += text.length;
    if (printed.kept <= 2 * this.tail) return;
    while (printed.kept - (printed.tail[0]?.text.length ?? 0) >= this.tail) {
      printed.kept -= printed.tail.shift()!.text.length;
    }
    const first = printed.tail[0]!;
    const cut = printed.kept - this.tail;
    const line = first.text.indexOf('\n', cut) + 1;
    first.text = first.text.slice(line > 0 && line < first.text.length ? line : evenCut(first.text, 0, cut));
    printed.kept = printed.tail.reduce((sum, { text: part }) => sum + part.length, 0);
  }
}

/** Splits a text into messages, at line ends if possible, and never inside a surrogate pair. */
function* messages(text: string): Generator<string> {
  for (let at = 0; at < text.length; ) {
    const rest = text.length - at;
    let size = Math.min(rest, MESSAGE);
    if (size < rest) size = text.lastIndexOf('\n', at + size - 1) - at + 1 || evenCut(text, at, size);
    if (size <= 0) size = evenCut(text, at, Math.min(rest, MESSAGE));
    yield text.slice(at, at + size);
    at += size;
  }
}

function evenCut(text: string, at: number, size: number): number {
  const code = text.charCodeAt(at + size - 1);
  return code >= 0xd800 && code <= 0xdbff ? size - 1 : size;
}
