/** Two lines that TensorFlow writes at every start, whatever its log level, and that a notebook would show as errors. */

const START = [
  /^WARNING: All log messages before absl::InitializeLog\(\) is called are written to STDERR$/,
  /^I0000 [\d:. ]+port\.cc:\d+\] oneDNN custom operations are on\. You may see slightly different numerical results\b/,
];

/** What a line of which only a part has come may still turn out to be. */
const BEGINNINGS = ['WARNING: All log messages before absl::', 'I0000 '];

/** How long the beginning of such a line waits for its end, ms. */
const PATIENCE = 50;

/** Passes text on without TensorFlow's two lines; everything else goes through as it came. */
export class StartupLines {
  private held = '';
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly emit: (text: string) => void) {}

  /** Takes text as it was read: its pieces end anywhere. */
  push(piece: string): void {
    clearTimeout(this.timer);
    const lines = (this.held + piece).split(/(?<=\n)/);
    const last = lines.at(-1) ?? '';
    const open = !last.endsWith('\n') && BEGINNINGS.some((begin) => last.startsWith(begin) || begin.startsWith(last));
    this.held = open ? (lines.pop() ?? '') : '';
    if (this.held !== '') this.timer = setTimeout(() => this.flush(), PATIENCE);
    const shown = lines.filter((line) => !START.some((start) => start.test(line.trimEnd()))).join('');
    if (shown !== '') this.emit(shown);
  }

  /** Passes on what waits: no end of it will come. */
  flush(): void {
    clearTimeout(this.timer);
    const { held } = this;
    this.held = '';
    if (held !== '') this.emit(held);
  }
}
