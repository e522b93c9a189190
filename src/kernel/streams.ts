/** Gathers what cells print, so that 20,000 lines are a few messages, and keeps a flood from the browser. */

export interface StreamOptions {
  /** How long text waits for more of it, ms. @default 40 */
  interval?: number;
  /** Text of one run beyond this is not sent on; characters. @default 5,000,000 */
  limit?: number;
}

type Name = 'stdout' | 'stderr';
type Emit = (run: number, name: Name, text: string) => void;

/** Longest text of one message, characters. */
const MESSAGE = 64 * 1024;

export class StreamGatherer {
  private pending: { run: number; name: Name; parts: string[] } | undefined;
  private timer: NodeJS.Timeout | undefined;
  private readonly sent = new Map<number, number>();
  private readonly interval: number;
  private readonly limit: number;

  constructor(
    private readonly emit: Emit,
    { interval = 40, limit = 5_000_000 }: StreamOptions = {},
  ) {
    this.interval = interval;
    this.limit = limit;
  }

  /** Adds text; it goes out after the interval, or before anything else that `flush` is called for. */
  push(run: number, name: Name, text: string): void {
    const total = this.sent.get(run) ?? 0;
    this.sent.set(run, total + text.length);
    if (total > this.limit) return;
    const allowed = total + text.length > this.limit ? text.slice(0, this.limit - total) : text;
    if (this.pending && (this.pending.run !== run || this.pending.name !== name)) this.flush();
    this.pending ??= { run, name, parts: [] };
    this.pending.parts.push(allowed);
    this.timer ??= setTimeout(() => this.flush(), this.interval);
  }

  /** Sends what waits. */
  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const { pending } = this;
    this.pending = undefined;
    if (!pending) return;
    const text = pending.parts.join('');
    for (let at = 0; at < text.length; ) {
      // A message ends at the end of a line where there is one, and never inside a surrogate pair.
      const rest = text.length - at;
      let size = Math.min(rest, MESSAGE);
      if (size < rest) size = text.lastIndexOf('\n', at + size - 1) - at + 1 || evenCut(text, at, size);
      if (size <= 0) size = evenCut(text, at, Math.min(rest, MESSAGE));
      this.emit(pending.run, pending.name, text.slice(at, at + size));
      at += size;
    }
  }

  /** Ends a run: says how much was left out. */
  end(run: number): void {
    this.flush();
    const total = this.sent.get(run) ?? 0;
    this.sent.delete(run);
    if (total > this.limit) {
      const left = (total - this.limit).toLocaleString('en');
      this.emit(
        run,
        'stderr',
        `\n[${left} characters more were printed and are left out; write them to a file instead.]\n`,
      );
    }
  }
}

function evenCut(text: string, at: number, size: number): number {
  const code = text.charCodeAt(at + size - 1);
  return code >= 0xd800 && code <= 0xdbff ? size - 1 : size;
}
