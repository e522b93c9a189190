/** Terminal text → HTML: keeps colours and weights, drops cursor moves, shows the final state of overwritten lines. */
import { escapeHtml } from '../escape';

// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character is what is looked for
const SEQUENCE = /\u001b\[([\d;:?]*)([A-Za-z])|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)/g;

/** The text without its escape sequences. */
export function stripAnsi(text: string): string {
  return text.replace(SEQUENCE, '');
}

/** What a terminal shows in the end of lines that are overwritten after carriage returns. Colours stay set. */
export function overwritten(text: string): string {
  return text
    .replaceAll('\r\n', '\n')
    .split('\n')
    .map((line) => {
      const parts = line.split('\r');
      const last = parts.findLastIndex((part) => stripAnsi(part) !== '');
      const colours = parts.slice(0, Math.max(0, last)).join('').match(SEQUENCE) ?? [];
      return colours.join('') + parts.slice(Math.max(0, last)).join('');
    })
    .join('\n');
}

const NAMES = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'];

interface Look {
  colour?: string;
  background?: string;
  bold?: boolean;
  italic?: boolean;
  underline?: boolean;
}

/** The text as HTML, a `span` per run of one style: the sixteen named colours by class, others by a style attribute. */
export function ansiHtml(text: string): string {
  let html = '';
  let look: Look = {};
  let at = 0;
  const write = (end: number) => {
    const run = escapeHtml(text.slice(at, end));
    html += run && spanOf(look, run);
  };
  for (const match of text.matchAll(SEQUENCE)) {
    write(match.index);
    at = match.index + match[0].length;
    if (match[2] === 'm') look = changed(look, match[1] ?? '');
  }
  write(text.length);
  return html;
}

function spanOf({ colour, background, bold, italic, underline }: Look, run: string): string {
  const classes = [
    ...(colour?.startsWith('#') === false ? [`ansi-${colour}`] : []),
    ...(background?.startsWith('#') === false ? [`ansi-on-${background}`] : []),
    ...(bold ? ['ansi-bold'] : []),
    ...(italic ? ['ansi-italic'] : []),
    ...(underline ? ['ansi-underline'] : []),
  ];
  const styles = [
    ...(colour?.startsWith('#') ? [`color:${colour}`] : []),
    ...(background?.startsWith('#') ? [`background:${background}`] : []),
  ];
  if (classes.length + styles.length === 0) return run;
  const named = classes.length > 0 ? ` class="${classes.join(' ')}"` : '';
  return `<span${named}${styles.length > 0 ? ` style="${styles.join(';')}"` : ''}>${run}</span>`;
}

/** The style after the codes of a "select graphic rendition" sequence (ECMA-48, 8.3.117). */
function changed(look: Look, sequence: string): Look {
  const codes = sequence.split(/[;:]/).map(Number);
  const next = { ...look };
  while (codes.length > 0) {
    const code = codes.shift() ?? 0;
    if (code === 0) for (const key of Object.keys(next) as (keyof Look)[]) delete next[key];
    else if (code === 1) next.bold = true;
    else if (code === 3) next.italic = true;
    else if (code === 4) next.underline = true;
    else if (code === 22) delete next.bold;
    else if (code === 23) delete next.italic;
    else if (code === 24) delete next.underline;
    else if (code === 39) delete next.colour;
    else if (code === 49) delete next.background;
    else {
      const [key, colour] = colourOf(code, codes);
      if (key && colour) next[key] = colour;
    }
  }
  return next;
}

/** The colour that a code sets; after 38 and 48 the following codes hold the colour. */
function colourOf(code: number, rest: number[]): ['colour' | 'background', string | undefined] | [] {
  const decade = Math.floor(code / 10);
  const unit = code % 10;
  if (unit === 8 && (decade === 3 || decade === 4)) return [decade === 3 ? 'colour' : 'background', extended(rest)];
  if (unit > 7) return [];
  if (decade === 3 || decade === 4) return [decade === 3 ? 'colour' : 'background', NAMES[unit]];
  if (decade === 9 || decade === 10) return [decade === 9 ? 'colour' : 'background', `bright-${NAMES[unit]}`];
  return [];
}

/** `5;n` is one of xterm's 256 colours, `2;r;g;b` an RGB colour. */
function extended(rest: number[]): string | undefined {
  const kind = rest.shift();
  if (kind === 2) return hex(rest.splice(0, 3));
  if (kind !== 5) return undefined;
  const index = rest.shift();
  if (index === undefined || index > 255) return undefined;
  if (index < 8) return NAMES[index];
  if (index < 16) return `bright-${NAMES[index - 8]}`;
  if (index >= 232) return hex([0, 0, 0].map(() => 8 + 10 * (index - 232)));
  const level = (digit: number) => (digit === 0 ? 0 : 55 + 40 * digit);
  const cube = index - 16;
  return hex([Math.floor(cube / 36), Math.floor(cube / 6) % 6, cube % 6].map(level));
}

function hex(channels: readonly number[]): string | undefined {
  if (channels.length < 3 || !channels.every((channel) => channel >= 0 && channel <= 255)) return undefined;
  return `#${channels.map((channel) => channel.toString(16).padStart(2, '0')).join('')}`;
}
