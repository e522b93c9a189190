/**
 * https://github.com/nteract/papermill/issues/630
 *
 * Reported: a parameter that is NaN is written into the executed notebook as a bare NaN, which is no JSON, so that other
 * programs can't open the file any more.
 *
 * Here: `executeNotebook` wrote its parameters as JSON, so that NaN and infinities reached the cell as null, dates as
 * texts, and big integers not at all. And a notebook that papermill had executed so could not be shared or verified.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readNotebook } from '../../src/charts/share/notebook';
import { parametersCode } from '../../src/charts/verify/parameters';
import { temporaryFolder } from '../helpers/temporary';

const folder = temporaryFolder();

describe('parameters of a notebook', () => {
  it.each<[kind: string, value: unknown]>([
    ['NaN', Number.NaN],
    ['infinities', [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 1e-7]],
    ['a big integer', 2n ** 70n],
    ['dates', [new Date(0), new Date(Number.NaN)]],
    ['a text with quotes, lines and a separator', '"\n\u2028${x}`\\'],
    ['a list with a gap and null', [undefined, null, true]],
    ['maps and sets', new Map<unknown, unknown>([['a', new Set([Number.NaN])]])],
    ['typed arrays', Float32Array.of(0.5, Number.NaN)],
    ['objects', { 'a b': 1, c: { d: [] }, e: {}, f: undefined }],
    ['an object with a key that is no name elsewhere', JSON.parse('{ "__proto__": 1 }')],
  ])('come through as they are: %s', (_, value) => {
    const run = new Function(`${parametersCode({ value })}\nreturn value;`) as () => unknown;
    expect(run()).toStrictEqual(value);
  });

  it('keep the value of the notebook where none is given', () => {
    expect(parametersCode({ epochs: undefined, seed: 1 })).toBe('let seed = 1;');
  });

  it('are refused by name where no code makes them', () => {
    const circle: Record<string, unknown> = {};
    circle.itself = circle;
    expect(() => parametersCode({ circle })).toThrow("Expected parameter 'circle.itself' not to hold itself");
    expect(() => parametersCode({ at: { run: () => 1 } })).toThrow("Expected parameter 'at.run' to be data");
    expect(() => parametersCode({ from: new URL('http://localhost') })).toThrow('got an object of class URL');
    expect(() => parametersCode({ 'learning rate': 1 })).toThrow('got "learning rate"');
  });
});

it('a notebook in which Python wrote NaN is read, and texts that say NaN stay', async () => {
  const path = join(folder, 'executed.ipynb');
  const source = 'const text = "NaN, \\"Infinity\\"";';
  const cell = { cell_type: 'code', source, outputs: [], metadata: {} };
  const notebook = {
    nbformat: 4,
    metadata: { papermill: { parameters: { rate: 'RATE', most: 'MOST' } } },
    cells: [cell],
  };
  writeFileSync(path, JSON.stringify(notebook).replace('"RATE"', 'NaN').replace('"MOST"', '-Infinity'));
  const { cells, metadata } = await readNotebook(path);
  expect(cells[0]!.source).toBe(source);
  expect(metadata.papermill).toEqual({ parameters: { rate: null, most: null } });
});
