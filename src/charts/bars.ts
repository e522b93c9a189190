/** Bars of means with the points of every seed and the 95 % interval. */
import { axisTitle, type Chart, type ChartOptions, chart, countText, distinct, groups, LEGEND } from './chart';
import type { ResultRow } from './results';
import type { PublishedFigure } from './table';
import { seriesColours } from './theme';

const DARK = '#2a2f3a';
const HALO = '#ffffff';

export interface BarChartOptions extends ChartOptions {
  /** The measured field. */
  value: string;
  /** Field whose values are the bars of a group, told apart by colour: 'method'. */
  series: string;
  /** Field whose values are the groups along x: 'ipc'. Default: one bar a series. */
  x?: string;
  /** Multiply by 100 and say %. Default: false. */
  percent?: boolean;
  unit?: string;
  /** Series drawn in grey, as what the others are compared with: ['random']. */
  neutral?: readonly string[];
  /** Published figures, drawn as open diamonds. */
  published?: readonly PublishedFigure[];
  /** Digits of the mean written on each bar. Default: 1. */
  digits?: number;
}

/**
 * Mean of each group as a bar from zero, one point a seed, and the 95 % confidence interval (Student's t).
 * @param rows one a seed.
 * @example barChart(rows, { series: 'method', x: 'ipc', value: 'accuracy', percent: true, neutral: ['random'] })
 */
export function barChart(rows: readonly ResultRow[], options: BarChartOptions): Chart {
  const { value, series, x, percent = false, neutral = [], digits = 1, published = [] } = options;
  const unit = options.unit ?? (percent ? '%' : undefined);
  const group = x ?? series;
  const found = groups(rows, x === undefined ? [series] : [x, series], value, percent);
  const names = distinct(rows, series).map(String);
  const bars = found.map(({ fields, values, ...summary }) => ({
    ...fields,
    ...summary,
    top: Math.max(summary.high, ...values),
    label: summary.mean.toFixed(digits),
  }));
  const points = found.flatMap(({ fields, values }) => values.map((point) => ({ ...fields, point })));
  const figures = published.map(({ at, mean, sd, differs }) => ({
    ...at,
    published: mean,
    sd: sd ?? null,
    differs: differs ?? '',
  }));
  const scale = { domain: names, range: seriesColours(names, neutral) };
  const colour = (legend: unknown) => ({ field: series, type: 'nominal', scale, legend });
  const legend = x === undefined ? null : { ...LEGEND, symbolType: 'square' };
  const quantity = (field: string) => ({ field, type: 'quantitative' });
  const tooltip = [
    ...Object.keys(found[0]?.fields ?? {}).map((field) => ({ field })),
    { ...quantity('mean'), format: `.${digits + 1}f` },
    { ...quantity('sd'), format: `.${digits + 1}f` },
    { field: 'n' },
    { ...quantity('low'), title: '95 % from', format: `.${digits + 1}f` },
    { ...quantity('high'), title: 'to', format: `.${digits + 1}f` },
  ];
  const interval = { y: quantity('low'), y2: { field: 'high' } };
  const layer: unknown[] = [
    {
      mark: { type: 'bar', cornerRadiusEnd: 2, opacity: 0.88 },
      encoding: { y: { ...quantity('mean'), title: axisTitle(value, unit) }, color: colour(legend), tooltip },
    },
    // Dark on a light halo: seen on the bar, on a light page and on a dark one.
    { mark: { type: 'rule', strokeWidth: 4, stroke: HALO, opacity: 0.85 }, encoding: interval },
    { mark: { type: 'rule', strokeWidth: 1.6, stroke: DARK }, encoding: interval },
    {
      data: { values: points },
      mark: {
        type: 'point',
        shape: x === undefined ? besideBy(3) : besideBy(2.25),
        size: 64,
        filled: true,
        fill: '#ffffff',
        stroke: '#30353f',
        strokeWidth: 0.8,
        opacity: 0.9,
      },
      encoding: { y: quantity('point'), tooltip: [{ ...quantity('point'), title: value, format: `.${digits + 2}f` }] },
    },
    { mark: { type: 'text', dy: -7 }, encoding: { y: quantity('top'), text: { field: 'label' } } },
  ];
  if (figures.length > 0) {
    layer.push({
      data: { values: figures },
      mark: { type: 'point', shape: 'diamond', size: 90, strokeWidth: 2, filled: false, opacity: 1 },
      encoding: {
        y: quantity('published'),
        stroke: { value: '#d9534f' },
        tooltip: [{ field: series }, quantity('published'), { field: 'sd' }, { field: 'differs' }],
      },
    });
  }
  const subtitle =
    options.subtitle ??
    `Mean, 95 % interval, every seed (${countText(found)})${figures.length ? '; diamonds: published' : ''}`;
  return chart(
    {
      data: { values: bars },
      encoding: {
        x: {
          field: group,
          type: 'nominal',
          sort: null,
          title: x ?? null,
          scale: { paddingInner: x === undefined ? 0.35 : 0.22 },
        },
        ...(x !== undefined && {
          xOffset: { field: series, type: 'nominal', sort: names, scale: { paddingInner: 0.12 } },
        }),
      },
      layer,
    },
    { ...options, subtitle, width: options.width ?? Math.max(280, Math.min(640, 56 * Math.max(found.length, 5))) },
  );
}

/** A circle that stands beside its place, so that the points do not hide the interval. */
function besideBy(shift: number): string {
  return `M${shift - 0.5},0A0.5,0.5,0,1,1,${shift + 0.5},0A0.5,0.5,0,1,1,${shift - 0.5},0Z`;
}
