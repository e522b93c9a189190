/**
 * https://github.com/vega/vega-lite/issues/486, and again
 * https://github.com/vega/vega-lite/issues/4965, https://github.com/vega/vega-lite/issues/8153 and
 * https://github.com/vega/vega-lite/issues/8323
 *
 * Reported: a field with a dot or brackets in its name is taken for a path into an object, so that nothing is drawn; and
 * not every name can be written so that it is taken as it is.
 *
 * Here: charts of a field 'top.1' or 'x[1]' were drawn with their marks in no place, without a word; quotes threw. Beyond
 * the reports: a field that was called as a figure of the chart ('n', 'mean', 'label', 'top') was drawn by that figure.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { barChart, heatMap, lineChart, renderSvg, scatter } from '../../src/charts';
import { columnOf } from '../../src/charts/columns';

type Names = readonly [method: string, size: string, accuracy: string];

const plain: Names = ['method', 'size', 'accuracy'];
const awkward: Names[] = [
  ['settings.method', 'x.1', 'top.1'],
  ['a.[b]', 'x[1]', '].'],
  ["it's", 'a "b"', 'v\\w'],
  ['label', 'n', 'mean'],
  ['series', 'top', 'point'],
];

function rowsOf([method, size, accuracy]: Names) {
  const places = ['RDED', 'ours'].flatMap((name) => [10, 50].map((x) => ({ [method]: name, [size]: x })));
  return places.flatMap((at, i) => [0.1, 0.12].map((value) => ({ ...at, [accuracy]: value + i / 10 })));
}

/** The four charts of one set of rows, with the same words in each. */
function drawn(fields: Names): Promise<string[]> {
  const [series, x, value] = fields;
  const labels = Object.fromEntries(fields.map((field, i) => [field, plain[i]!]));
  const rows = rowsOf(fields);
  const published = [{ at: { [series]: 'RDED', [x]: 10 }, mean: 0.2 }];
  const charts = [
    barChart(rows, { labels, series, x, value, published }),
    lineChart(rows, { labels, series, x, value, published }),
    heatMap(rows, { labels, y: series, x, value, published }),
    scatter(rows, { labels, series, x, y: value, label: series }),
  ];
  return Promise.all(charts.map(async (chart) => (await renderSvg(chart)).replace(/clip\d+/g, 'clip')));
}

/** The elements of a picture that differ from another's. */
const differences = (svg: string, other: string) =>
  svg.split('<').filter((element, i) => element !== other.split('<')[i]);

describe('a chart is the same, whatever its fields are called', () => {
  let expected: string[];
  beforeAll(async () => {
    expected = await drawn(plain);
  });

  it.each(awkward)('%s, %s, %s', async (...fields) => {
    const found = await drawn(fields);
    expect(found.flatMap((svg, i) => differences(svg, expected[i]!))).toEqual([]);
  });
});

it('two fields never share a column', () => {
  const fields = [...awkward.flat(), ...plain, '(n)', '(28)n(29)', 'a(2e)', 'a.', '(', '28', 'images per class', 'λ'];
  expect(new Set(fields.map(columnOf)).size).toBe(fields.length);
  expect(['images per class', 'λ', 'top-1'].map(columnOf)).toEqual(['images per class', 'λ', 'top-1']);
});
