/** Emulates one line of a terminal: carriage returns, backspaces and the escape sequences of progress bars. */

/** An escape sequence (colours, cursor, links), a control character, or one character of text. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: those are what it looks for.
const TOKEN = /\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|[\s\S]/gu;

/** An incomplete escape sequence at the end of a text. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above.
const UNFINISHED = /\x1b(?:\[[0-9;?]*|\][^\x07\x1b]*)?$/;

/** Whatever moves the cursor: anything but colours and the \r of a line end. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above.
const CONTROL = /\r(?!\n)|[\b]|\x1b(?!\[[0-9;]*m)/;

/** Longer lines aren't tracked, since nothing draws over them, characters. */
const LONGEST = 4096;

/**
 * The line that a program is drawing on. Takes text as it was written, and returns text to append to the output: where
 * the line has changed, `\r` and the whole line. Of a thousand steps of a progress bar between two messages one remains.
 */
export class TerminalLine {
  /** The line by columns: a character, after the escape sequences before it. */
  private cells: string[] = [];
  private column = 0;
  /** Escape sequences to put before the next character. */
  private escapes = '';
  /** Escape sequences after the line's last character, once the cursor has moved away. */
  private tail = '';
  /** The line as the front-end shows it. */
  private shown = '';
  /** Whether `shown` has extra spaces at its end, where something was erased. */
  private padded = false;
  private rest = '';
  private tooLong = false;

  /** Takes written text; returns the text to send. */
  write(written: string): string {
    const text = this.rest + written;
    this.rest = UNFINISHED.exec(text)?.[0] ?? '';
    const whole = this.rest === '' ? text : text.slice(0, -this.rest.length);
    if (!this.tooLong) return this.process(whole);
    const end = whole.indexOf('\n') + 1;
    if (end === 0) return whole;
    this.clear();
    return whole.slice(0, end) + this.process(whole.slice(end));
  }

  /** Returns what was held back, at the end of the output. */
  end(): string {
    const { rest } = this;
    this.rest = '';
    return rest;
  }

  private process(text: string): string {
    const plain = !CONTROL.test(text) && this.column === this.cells.length && !this.padded;
    return plain ? this.append(text) : this.draw(text);
  }

  /** Passes text on that only appends, and remembers its last line. */
  private append(text: string): string {
    const last = text.lastIndexOf('\n') + 1;
    if (last > 0) this.clear();
    const tail = text.slice(last);
    this.shown += tail;
    this.tooLong = this.shown.length > LONGEST;
    if (!this.tooLong) for (const [token] of tail.matchAll(TOKEN)) this.take(token);
    return text;
  }

  private draw(text: string): string {
    let out = '';
    for (const [token] of text.matchAll(TOKEN)) {
      if (token === '\n') {
        out += `${this.update()}\n`;
        this.clear();
      } else this.take(token);
    }
    return out + this.update();
  }

  private take(token: string): void {
    if (token === '\r') this.return();
    else if (token === '\b') this.column = Math.max(0, this.column - 1);
    else if (token.startsWith('\x1b')) this.escape(token);
    else {
      while (this.cells.length < this.column) this.cells.push(' ');
      const added = this.column === this.cells.length;
      this.cells[this.column++] = (added ? this.tail : '') + this.escapes + token;
      if (added) this.tail = '';
      this.escapes = '';
    }
  }

  private return(): void {
    if (this.column >= this.cells.length && this.escapes !== '') {
      this.tail = this.escapes;
      this.escapes = '';
    }
    this.column = 0;
  }

  private escape(token: string): void {
    const [, number, letter] = /^.\[(\d*)([A-Za-z])$/.exec(token) ?? [];
    const count = Number(number || 1);
    if (letter === 'K') this.erase(Number(number || 0));
    else if (letter === 'G') this.column = count - 1;
    else if (letter === 'C') this.column += count;
    else if (letter === 'D') this.column = Math.max(0, this.column - count);
    else this.escapes += token;
  }

  /** 0: to the end of the line, 1: from its start to here, 2: all of it. */
  private erase(part: number): void {
    if (part === 0) this.cells.length = Math.min(this.cells.length, this.column);
    else if (part === 1) this.cells.fill(' ', 0, this.column + 1);
    else this.cells = [];
  }

  /** The text that turns the shown line into the current one. */
  private update(): string {
    const atEnd = this.column >= this.cells.length;
    const line = this.cells.join('') + ((atEnd && this.escapes) || this.tail);
    if (line.startsWith(this.shown)) {
      const more = line.slice(this.shown.length);
      this.shown = line;
      this.padded = false;
      return more;
    }
    this.padded = true;
    if (this.shown.trimEnd() === line.trimEnd()) return '';
    const gone = Math.max(0, widthOf(this.shown) - widthOf(line));
    this.padded = gone > 0;
    this.shown = line + ' '.repeat(gone);
    return `\r${this.shown}`;
  }

  /** Starts a new line. Escape sequences at the end of the old one were shown with it, if the cursor was there. */
  private clear(): void {
    if (this.column >= this.cells.length) this.escapes = '';
    this.cells = [];
    this.column = 0;
    this.shown = '';
    this.padded = false;
    this.tail = '';
    this.tooLong = false;
  }
}

/** Number of characters, without escape sequences. */
function widthOf(text: string): number {
  let width = 0;
  for (const [token] of text.matchAll(TOKEN)) if (!token.startsWith('\x1b')) width++;
  return width;
}
