import { expect, it } from 'vitest';
import { type StatusLineOptions, statusLine } from '../../src/common';

function written(options: StatusLineOptions): string {
  let text = '';
  let time = 0;
  const line = statusLine((part) => (text += part), { every: 10, now: () => time, ...options });
  for (let done = 1; done <= 20; done++) {
    line.show(`maps ${done}/20`);
    time++;
  }
  line.news('again');
  line.end();
  return text;
}

it('is a line now and then in a file, and the last state', () => {
  expect(written({}).split('\n')).toEqual(['maps 1/20', 'maps 11/20', 'again', 'maps 20/20', '']);
});

it('is written over in a terminal, cut to its width, with news above', () => {
  const clear = '\r\u001b[K';
  expect(written({ isTerminal: true, columns: 7 })).toBe(
    `${clear}maps 1/${clear}maps 11${clear}again\n${clear}maps 20\n`,
  );
});

it('says nothing where there was nothing to say', () => {
  let text = '';
  statusLine((part) => (text += part), { isTerminal: true }).end();
  expect(text).toBe('');
});
