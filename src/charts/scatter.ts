/** Points in a plane, told apart by colour and shape, named where they stand. */
import { type Chart, type ChartOptions, chart, labelOf, LEGEND } from './chart';
import { distinct } from './groups';
import { expectRows, measuredNumber, type ResultRow } from './results';
import { seriesColours } from './theme';

export interface ScatterOptions extends ChartOptions {
  x: string;
  y: string;
  /** Field that gives colour and shape. */
  series?: string;
  /** Field written beside each point. */
  label?: string;
  xUnit?: string;
  yUnit?: string;
  neutral?: readonly string[];
}

/**
 * One point per row.
 * @throws TypeError when x or y of a row is not a finite number, RangeError without any row.
 * @example scatter(rows, { x: 'coverage', y: 'accuracy', series: 'method' })
 */
export function scatter(rows: readonly ResultRow[], options: ScatterOptions): Chart {
  const { x, y, series, label, neutral = [] } = options;
  expectRows(rows);
  if (rows.length === 0) throw new RangeError('Expected at least one row to draw, got none. Run at least one seed.');
  for (const row of rows) for (const field of [x, y]) measuredNumber(row, field);
  const names = series === undefined ? [] : distinct(rows, series).map(String);
  const scale = { domain: names, range: seriesColours(names, neutral) };
  const color =
    series === undefined
      ? { value: seriesColours(['all'])[0] }
      : { field: series, type: 'nominal', scale, legend: LEGEND };
  const quantity = (field: string, unit: string | undefined) => ({
    field,
    type: 'quantitative',
    title: labelOf(field, options, unit),
    scale: { zero: false, nice: true, padding: 10 },
  });
  return chart(
    {
      data: { values: rows },
      encoding: { x: quantity(x, options.xUnit), y: quantity(y, options.yUnit) },
      layer: [
        {
          mark: { type: 'point', filled: true, size: 56, opacity: 0.85 },
          encoding: {
            color,
            ...(series !== undefined && {
              shape: {
                field: series,
                type: 'nominal',
                scale: { domain: names },
                legend: LEGEND,
              },
            }),
            tooltip: [...new Set(rows.flatMap(Object.keys))].map((field) => ({ field })),
          },
        },
        ...(label === undefined
          ? []
          : [{ mark: { type: 'text', align: 'left', dx: 7, dy: 1 }, encoding: { text: { field: label } } }]),
      ],
    },
    options,
  );
}
