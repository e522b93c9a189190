/** Dot charts: a row per method with a dot for the mean, its interval, and the published figure. For many methods. */
import { fixed } from '../common';
import { type Chart, type ChartOptions, labelOf, LEGEND, panels, unitOf } from './chart';
import { columnOf, inColumns } from './columns';
import { facets, type Placed } from './facets';
import { distinct, type Group, groups, type IntervalKind, intervalText } from './groups';
import { HALO, PUBLISHED_TEXT, publishedRows, publishedTooltip, quantity } from './marks';
import { MISSING_TEXT, type PublishedFigure, type PublishedPoint, publishedPoints } from './published';
import type { ResultRow, Scalar } from './results';
import { seriesColours } from './theme';

export interface DotChartOptions extends ChartOptions {
  /** The measured field, along x. */
  value: string;
  /** Field whose values are the rows: 'method'. */
  y: string;
  /** Field whose values are told apart by colour: 'imagesPerClass'. Default: one colour. */
  series?: string;
  /** Field with one panel per value: 'dataset'. Each panel has its own rows and axis. Default: one panel. */
  facet?: string;
  /** What the line through a dot shows. Default: 'sd', as in tables. */
  interval?: IntervalKind;
  /** Multiply by 100 and show %. Default: false. */
  percent?: boolean;
  unit?: string;
  /** Published figures, in the plotted unit: open diamonds below the dots. */
  published?: readonly PublishedFigure[];
  /** Digits after the point of the means, beside the dots and in tooltips. Default: 1. */
  digits?: number;
  /** Text in a panel that has published figures only. Default: 'not at this scale'. */
  missing?: string;
}

/** Height of a row, px: a dot, and a diamond below it. */
const ROW = 26;
const WIDTH = 300;
/** From the middle of a row up to the dot and down to the diamond, px. */
const SHIFT = 5;

/**
 * The mean of each group as a dot with its interval as a line, one row per value of `y`. Unlike bars, dots don't need an
 * axis from zero, so small differences between many methods are visible.
 * @param rows one per seed
 * @throws TypeError when a row lacks a field or a value is not finite, RangeError without any row.
 * @example dotChart(rows, { y: 'method', series: 'ipc', facet: 'dataset', value: 'accuracy', percent: true, published })
 */
export function dotChart(rows: readonly ResultRow[], options: DotChartOptions): Chart {
  const { value, y, series, facet, percent = false, interval = 'sd', width = WIDTH, missing = MISSING_TEXT } = options;
  const fields = [...new Set([facet ?? [], y, series ?? []].flat())];
  const found = groups(rows, fields, { value, percent, interval });
  const published = publishedPoints(options.published ?? [], fields);
  // The paper's methods come first, in its order; the others below them.
  const all = [...published, ...found];
  const valuesOf = (list: readonly Placed[], field: string) =>
    distinct(
      list.map((one) => one.fields),
      field,
    );
  const names = series === undefined ? [] : valuesOf(all, series);
  // A single colour needs no legend: its value stands in the subtitle.
  const only = series !== undefined && names.length === 1 ? `${labelOf(series, options)}: ${names[0]}` : undefined;
  const list = facets(all, options).map(({ title, of }) => {
    const rowsOf = valuesOf(of(all), y);
    const marks = dotMarks({ found: of(found), published: of(published) }, options, { names, rowsOf });
    return {
      ...(title !== undefined && { title: of(found).length > 0 ? title : `${title} (${missing})` }),
      marks: { height: options.height ?? rowsOf.length * ROW, ...marks },
    };
  });
  const subtitle =
    options.subtitle ??
    [
      ...(found.length > 0 ? [`Dots: ${intervalText(found, interval).replace(/^M/, 'm')}`] : []),
      ...(published.length > 0 ? [PUBLISHED_TEXT] : []),
      ...(only === undefined ? [] : [only]),
    ].join('; ');
  return panels(list, { ...options, subtitle, width }, { columns: 2 });
}

function dotMarks(
  { found, published }: { found: readonly Group[]; published: readonly PublishedPoint[] },
  options: DotChartOptions,
  { names, rowsOf }: { names: readonly Scalar[]; rowsOf: readonly Scalar[] },
): Record<string, unknown> {
  const { value, y, series, digits = 1 } = options;
  const scale = { domain: names, range: seriesColours(names.map(String)) };
  // Fill and stroke share one legend.
  const colour =
    series === undefined
      ? { value: seriesColours(['one'])[0] }
      : {
          field: columnOf(series),
          type: 'nominal',
          scale,
          legend: names.length === 1 ? null : { ...LEGEND, offset: 8, title: labelOf(series, options) },
        };
  const x = {
    ...quantity('mean'),
    title: labelOf(value, options, unitOf(options)),
    scale: { zero: false, nice: true },
  };
  const digit = (field: string) => ({ ...quantity(field), format: `.${digits + 1}f` });
  const tooltip = [
    ...Object.keys(found[0]?.fields ?? {}).map((field) => ({ field: columnOf(field), title: labelOf(field, options) })),
    digit('mean'),
    digit('sd'),
    { field: 'n' },
  ];
  const line = (width: number, yOffset: number) => ({
    mark: { type: 'rule', strokeWidth: width, yOffset },
    encoding: { x: { ...quantity('low'), scale: x.scale }, x2: { field: 'high' }, stroke: colour },
  });
  const up = published.length > 0 ? -SHIFT : 0;
  const layer: unknown[] = [
    line(2, up),
    {
      mark: { type: 'point', filled: true, size: 80, opacity: 1, stroke: HALO, strokeWidth: 0.8, yOffset: up },
      encoding: { x, fill: colour, tooltip },
    },
  ];
  // With several dots in a row their figures would lie on each other.
  if (names.length <= 1) {
    layer.push({
      mark: { type: 'text', align: 'left', dx: 7, yOffset: up },
      encoding: { x: { ...quantity('high'), scale: x.scale }, text: { field: 'label' } },
    });
  }
  if (published.length > 0) {
    layer.push({
      data: { values: publishedRows(published) },
      layer: [
        line(1.2, SHIFT),
        {
          mark: {
            type: 'point',
            shape: 'diamond',
            size: 70,
            strokeWidth: 1.8,
            filled: false,
            fill: HALO,
            opacity: 1,
            yOffset: SHIFT,
          },
          encoding: { x, stroke: colour, tooltip: publishedTooltip(Object.keys(published[0]!.fields), options) },
        },
      ],
    });
  }
  return {
    data: {
      values: found.map(({ fields, values: _, ...summary }) => ({
        ...inColumns(fields),
        ...summary,
        label: fixed(summary.mean, digits),
      })),
    },
    encoding: {
      y: {
        field: columnOf(y),
        type: 'nominal',
        title: null,
        sort: null,
        scale: { domain: rowsOf },
        axis: { grid: true, labelLimit: 200 },
      },
    },
    layer,
  };
}
