import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TerminalLine } from '../../src/kernel/terminal-line';

const ESC = '\x1b';
const TOKEN = new RegExp(`${ESC}\\[\\d*[A-Z]|[^]`, 'gu');

/** What a terminal shows of a text, line by line. */
function terminal(text: string): string[] {
  const lines: string[][] = [[]];
  let column = 0;
  for (const [token] of text.matchAll(TOKEN)) {
    const line = lines.at(-1)!;
    const [, number, letter] = /^.\[(\d*)([A-Z])$/.exec(token) ?? [];
    if (token === '\n') {
      lines.push([]);
      column = 0;
    } else if (token === '\r') column = 0;
    else if (token === '\b') column = Math.max(0, column - 1);
    else if (letter === 'G') column = Number(number || 1) - 1;
    else if (letter === 'K' && number === '2') line.fill(' ');
    else if (letter === 'K') line.length = Math.min(column, line.length);
    else {
      while (line.length < column) line.push(' ');
      line[column++] = token;
    }
  }
  return lines.map((line) => line.join('').trimEnd());
}

/** What is shown of a text that was written in those pieces. */
function shown(pieces: readonly string[]): string {
  const line = new TerminalLine();
  return pieces.map((piece) => line.write(piece)).join('') + line.end();
}

describe('a line that a program draws on', () => {
  it('is what a terminal would show, however the text is cut, with nothing but carriage returns left in it', () => {
    const token = fc.constantFrom(
      'a',
      'b',
      'cd',
      '😀',
      ' ',
      '\n',
      '\r',
      '\r',
      '\b',
      '\x1b[K',
      '\x1b[2K',
      '\x1b[G',
      '\x1b[3G',
    );
    fc.assert(
      fc.property(fc.array(token, { maxLength: 30 }), fc.array(fc.nat(5), { minLength: 1 }), (tokens, cuts) => {
        const text = tokens.join('');
        const characters = [...text];
        const pieces: string[] = [];
        for (let at = 0, i = 0; at < characters.length; i++) {
          const size = cuts[i % cuts.length]! + 1;
          pieces.push(characters.slice(at, at + size).join(''));
          at += size;
        }
        const got = shown(pieces);
        expect(terminal(got)).toEqual(terminal(text));
        expect(['\b', ESC].some((control) => got.includes(control))).toBe(false);
      }),
      { numRuns: 500 },
    );
  });

  it('comes as it was where nothing is drawn over', () => {
    const text = 'one\ntwo\r\n\x1b[31mred\x1b[0m three';
    expect(shown([text, ' and more\n'])).toBe(`${text} and more\n`);
    expect(shown(['x'.repeat(10_000), 'y\r', '\nz'])).toBe(`${'x'.repeat(10_000)}y\r\nz`);
  });

  it('of a thousand steps is the last one', () => {
    const steps = Array.from({ length: 1000 }, (_, i) => `\r${i / 10} %`).join('');
    expect(shown([steps, '\r100. %\n'])).toBe('99.9 %\r100. %\n');
    expect(shown([`${steps}\r100. %\n`])).toBe('100. %\n');
    expect(shown(['\x1b[32m10 %\x1b[0m', '\r\x1b[32m20 %\x1b[0m\n'])).toBe(
      '\x1b[32m10 %\x1b[0m\r\x1b[32m20 %\x1b[0m\n',
    );
  });

  it('keeps what a shorter text does not cover, as a terminal does, and erases it where that is asked for', () => {
    expect(shown(['downloading', '\rdone'])).toBe('downloading\rdoneloading');
    expect(shown(['downloading', '\r\x1b[Kdone\n', 'next'])).toBe('downloading\rdone       \nnext');
  });
});
