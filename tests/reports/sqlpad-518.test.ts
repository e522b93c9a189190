/**
 * https://github.com/sqlpad/sqlpad/issues/518, and of dates
 * https://github.com/algolia/react-element-to-jsx-string/issues/605
 *
 * Reported: a table of query results is not shown at all where one value of it is a big integer, which JSON can't write;
 * and an invalid date throws where dates are written.
 *
 * Here: a big integer in a column was shown. One inside an object, an object that holds itself and an invalid date were
 * not, and the whole table with them; maps and sets were shown as '{}', NaN inside an object as null.
 */
import { expect, it } from 'vitest';
import { toBundle } from '../../src/charts';

it('a table is shown whatever its cells hold', async () => {
  const circle: Record<string, unknown> = { name: 'circle' };
  circle.itself = circle;
  const cells: [value: unknown, shown: string][] = [
    [2n ** 64n, '18446744073709551616'],
    [{ id: 2n ** 64n }, '{ id: 18446744073709551616n }'],
    [circle, "<ref *1> { name: 'circle', itself: [Circular *1] }"],
    [new Date(Number.NaN), 'Invalid Date'],
    [new Date(0), '1970-01-01 00:00:00Z'],
    [new Map([['a', 1]]), "Map(1) { 'a' => 1 }"],
    [{ loss: Number.NaN }, '{ loss: NaN }'],
    [{ a: [1, null] }, '{"a":[1,null]}'],
    [{ toJSON: () => undefined }, '{ toJSON: [Function: toJSON] }'],
    [Symbol('s'), 'Symbol(s)'],
  ];
  const bundle = await toBundle(
    cells.map(([value], i) => ({ i, value })),
    { name: 'values' },
  );
  const lines = String(bundle['text/plain']).split('\n');

  expect(cells.map((_, i) => lines[i + 2]!.replace(/^ *\d+ +/, '').trim())).toEqual(cells.map(([, shown]) => shown));
  expect(() => JSON.stringify(bundle)).not.toThrow();
});
