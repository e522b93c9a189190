import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { excerpt } from '../../src/kernel/excerpt';
import { encodeFrame, FrameReader } from '../../src/kernel/frames';
import { History, historyFile } from '../../src/kernel/history';
import { StreamGatherer } from '../../src/kernel/streams';
import { packageName } from '../../src/kernel/specifiers';
import { toPoints, toUnits } from '../../src/kernel/text';
import { temporaryFolder } from '../helpers/temporary';

describe('frames', () => {
  it('come out whole and in order, however the bytes are cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.jsonValue(), { maxLength: 5 }),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
        (messages, cuts) => {
          const bytes = Buffer.concat(messages.map((message) => encodeFrame(message)));
          const reader = new FrameReader();
          const read: unknown[] = [];
          for (let at = 0, i = 0; at < bytes.length; i++) {
            const size = cuts[i % cuts.length]!;
            read.push(...reader.push(bytes.subarray(at, at + size)));
            at += size;
          }
          expect(read).toEqual(messages);
        },
      ),
    );
  });
});

describe('positions', () => {
  it('are counted in code points by Jupyter and in UTF-16 units here', () => {
    expect(toUnits('a😀b', 2)).toBe(3);
    expect(toPoints('a😀b', 3)).toBe(2);
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc.nat(20),
        (text, n) => toPoints(text, toUnits(text, n)) === Math.min(n, [...text].length),
      ),
    );
  });
});

describe("a module's name", () => {
  it.each([
    ['npm:moment@2.29.4', 'moment'],
    ['npm:@scope/name@^1.0/sub/file.js', '@scope/name/sub/file.js'],
    ['npm:/react', 'react'],
    ['npm:react-dom/server', 'react-dom/server'],
    ['node:fs', 'node:fs'],
    ['./npm:x', './npm:x'],
    ['@scope/name', '@scope/name'],
  ])('is that of the package that Deno means by it: %s', (specifier, name) => {
    expect(packageName(specifier)).toBe(name);
  });
});

describe('printed text', () => {
  const gather = (options = {}) => {
    const sent: [number, string, string][] = [];
    return { sent, streams: new StreamGatherer((...message) => sent.push(message), options) };
  };

  it('is gathered until something else is to be sent', () => {
    const { sent, streams } = gather();
    for (const text of ['a', 'b', 'c']) streams.push(1, 'stdout', text);
    streams.push(1, 'stderr', 'd');
    streams.flush();
    expect(sent).toEqual([
      [1, 'stdout', 'abc'],
      [1, 'stderr', 'd'],
    ]);
  });

  it('goes out by itself after a while', async () => {
    const { sent, streams } = gather({ interval: 1 });
    streams.push(1, 'stdout', 'a');
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(sent).toEqual([[1, 'stdout', 'a']]);
  });

  it('of any length is the same text again, in messages that end at lines where there are some', () => {
    const { sent, streams } = gather();
    const lines = Array.from({ length: 20_000 }, (_, i) => `line ${i}\n`).join('');
    const emoji = '😀'.repeat(50_000);
    streams.push(1, 'stdout', lines);
    streams.flush();
    expect(sent.map(([, , text]) => text).join('')).toBe(lines);
    expect(sent.every(([, , text]) => text.endsWith('\n'))).toBe(true);
    sent.length = 0;
    streams.push(1, 'stdout', emoji);
    streams.flush();
    expect(sent.map(([, , text]) => text).join('')).toBe(emoji);
    expect(sent.every(([, , text]) => [...text].every((character) => character === '😀'))).toBe(true);
  });

  it('beyond the limit of a cell is left out but for its end, and how much is said', () => {
    const { sent, streams } = gather({ limit: 10, tail: 12 });
    for (let i = 0; i < 100; i++) streams.push(3, i === 90 ? 'stderr' : 'stdout', `${String(i).padStart(4)}\n`);
    streams.end(3);
    const shown = sent.map(([, , text]) => text);
    const left = Number(/\[(\d+) characters are left out here/.exec(shown[1]!)?.[1]);
    expect(shown[0]).toBe('   0\n   1\n');
    expect(shown.at(-1)).toMatch(/^(?: {2}\d\d\n)+$/);
    expect(shown.at(-1)).toMatch(/ {2}99\n$/);
    expect(left + 10 + shown.slice(2).join('').length).toBe(500);
    streams.push(4, 'stdout', 'again');
    streams.end(4);
    expect(sent.at(-1)).toEqual([4, 'stdout', 'again']);
  });

  it('a little beyond the limit is all there', () => {
    const { sent, streams } = gather({ limit: 10, tail: 12 });
    for (const text of ['abcd\n', 'efgh\n', 'ijkl\n', 'mnop\n']) streams.push(3, 'stdout', text);
    streams.end(3);
    expect(sent.map(([, , text]) => text).join('')).toBe('abcd\nefgh\nijkl\nmnop\n');
  });
});

describe('history', () => {
  const file = join(temporaryFolder(), 'deep', 'history.jsonl');

  it('is kept over restarts, by session and line', () => {
    const first = new History(file);
    first.add(1, 'const a = 1');
    first.add(2, 'a', '1');
    const second = new History(file);
    second.add(1, 'a + 1', '2');
    const tail = { hist_access_type: 'tail' };
    expect(second.query({ ...tail, n: 2 })).toEqual([
      [1, 2, 'a'],
      [2, 1, 'a + 1'],
    ]);
    expect(second.query({ ...tail, n: 1, output: true })).toEqual([[2, 1, ['a + 1', '2']]]);
    expect(second.query({ hist_access_type: 'range', session: 0 })).toEqual([[2, 1, 'a + 1']]);
    expect(second.query({ hist_access_type: 'range', session: -1, start: 1, stop: 2 })).toEqual([
      [1, 1, 'const a = 1'],
    ]);
  });

  it('is searched by patterns, each text once if wanted', () => {
    const history = new History(file);
    history.add(1, 'a');
    const search = { hist_access_type: 'search' };
    expect(history.query({ ...search, pattern: 'a*' }).map((entry) => entry[2])).toEqual(['a', 'a + 1', 'a']);
    expect(history.query({ ...search, pattern: 'a', unique: true })).toHaveLength(1);
    expect(history.query({ ...search, pattern: '?????????? 1' })).toEqual([]);
    expect(history.query({ ...search, pattern: 'const ? = 1', n: 1 })).toHaveLength(1);
  });

  it('survives a line that a crash cut short, and a place that can not be written', () => {
    writeFileSync(file, `${readFileSync(file, 'utf8')}{"session":9,"li`);
    expect(new History(file).query({ hist_access_type: 'tail' })).toHaveLength(4);
    const nowhere = new History('/dev/null/history');
    nowhere.add(1, 'x');
    expect(nowhere.query({ hist_access_type: 'tail' })).toEqual([[1, 1, 'x']]);
  });

  it('keeps the beginning of a long output', () => {
    const path = join(temporaryFolder(), 'history.jsonl');
    new History(path).add(1, 'all', 'x'.repeat(1e6));
    expect(readFileSync(path, 'utf8').length).toBeLessThan(11_000);
    const tail = new History(path).query({ hist_access_type: 'tail', output: true });
    expect(tail).toEqual([[1, 1, ['all', `${'x'.repeat(10_000)}…`]]]);
  });

  it('is rewritten without what it no longer keeps, and a file of something else is not', () => {
    const path = join(temporaryFolder(), 'history.jsonl');
    const lines = Array.from({ length: 25_000 }, (_, i) => JSON.stringify({ session: 1, line: i, source: 'a' }));
    writeFileSync(path, `${lines.join('\n')}\n`);
    new History(path).add(1, 'b');
    const kept = readFileSync(path, 'utf8').trim().split('\n');
    expect(kept).toEqual([...lines.slice(-10_000), JSON.stringify({ session: 2, line: 1, source: 'b' })]);

    const diary = 'Monday: no rain.\n'.repeat(100);
    writeFileSync(path, diary);
    new History(path).query({ hist_access_type: 'tail' });
    expect(readFileSync(path, 'utf8')).toBe(diary);
  });

  it('lies where STILLHOUSE_HISTORY says, else in the state folder', () => {
    expect(historyFile({ STILLHOUSE_HISTORY: '/a/b' })).toBe('/a/b');
    expect(historyFile({ XDG_STATE_HOME: '/state' })).toBe('/state/stillhouse/history.jsonl');
  });
});

describe('an excerpt', () => {
  it('shows two lines on each side, an arrow and a caret', () => {
    expect(excerpt('Cell [2]', 'a\nb\nccc\nd\ne\nf', 3, 2, 2)).toEqual([
      'Cell [2], line 3',
      '  1 | a',
      '  2 | b',
      '> 3 | ccc',
      '    |  ^^',
      '  4 | d',
      '  5 | e',
    ]);
  });
});
