/** Bar charts: the mean of each group, its seeds as points, an interval, and the published figure. */
import { fixed } from '../common';
import {
  type Chart,
  type ChartOptions,
  type ColourOptions,
  labelOf,
  LEGEND,
  NO_TITLE,
  panels,
  unitOf,
  wrapWords,
} from './chart';
import { expectDigits } from './checks';
import { columnOf, inColumns } from './columns';
import { facets } from './facets';
import { distinct, type Group, groups, type IntervalKind, intervalText } from './groups';
import { diamond, intervalMarks, PUBLISHED_TEXT, publishedRows, publishedTooltip, quantity } from './marks';
import { MISSING_TEXT, type PublishedFigure, type PublishedPoint, publishedPoints } from './published';
import type { ResultRow, Scalar } from './results';
import { textWidth } from './text-metrics';
import { seriesColours } from './theme';

export interface BarChartOptions extends ChartOptions, ColourOptions {
  /** The measured field. */
  value: string;
  /** Field whose values are the bars of a group, told apart by colour: 'method'. */
  series: string;
  /** Field whose values are the groups along x: 'ipc'. Default: one bar per series. */
  x?: string;
  /** Field with one panel per value: 'dataset'. Panels share axes and colours. Default: one panel. */
  facet?: string;
  /** What the line on a bar shows. Default: 'sd', as in tables. */
  interval?: IntervalKind;
  /** Multiply by 100 and show %. Default: false. */
  percent?: boolean;
  unit?: string;
  /** Published figures, in the plotted unit: open diamonds, with their sd where it was printed. */
  published?: readonly PublishedFigure[];
  /** Digits of the mean written on each bar. Default: 1. */
  digits?: number;
  /** Text in a panel that has published figures only. Default: 'not at this scale'. */
  missing?: string;
}

/** Minimum width per bar, px: the bar's figure has to fit above it. */
const PLACE = 32;
const LABEL_SIZE = 12;
const HEIGHT = 280;

/**
 * Mean of each group as a bar from zero, one point per seed where there are several, mean ± sd (or the 95 % interval),
 * and the published figure.
 * @param rows one per seed
 * @throws TypeError when a row lacks a field or a value is not finite, RangeError without any row.
 * @example barChart(rows, { series: 'method', x: 'ipc', facet: 'dataset', value: 'accuracy', percent: true, published })
 */
export function barChart(rows: readonly ResultRow[], options: BarChartOptions): Chart {
  const {
    value,
    series,
    x,
    facet,
    percent = false,
    interval = 'sd',
    height = HEIGHT,
    missing = MISSING_TEXT,
  } = options;
  expectDigits(options.digits ?? 1);
  const fields = [...new Set([facet ?? [], x ?? [], series].flat())];
  const found = groups(rows, fields, { value, percent, interval });
  const published = publishedPoints(options.published ?? [], fields);
  const places = [...found, ...published].map((group) => group.fields);
  const names = distinct(places, series);
  const group = x ?? series;
  const top = Math.max(...found.flatMap(({ high, values }) => [high, ...values]), ...published.map(({ high }) => high));
  const bottom = Math.min(0, ...found.map(({ low }) => low), ...published.map(({ low }) => low));
  const look: BarLook = {
    options,
    height,
    group,
    names,
    groupValues: distinct(places, group),
    domain: [bottom, top + ((top - bottom || 1) * 20) / height],
  };
  const width = options.width ?? plotWidth(look);
  const list = facets([...found, ...published], options).map(({ title, of }, index) => ({
    ...(title !== undefined && { title: of(found).length > 0 ? title : `${title} (${missing})` }),
    marks: barMarks({ ...look, width, first: index === 0 }, of(found), of(published)),
  }));
  const subtitle =
    options.subtitle ??
    [
      ...(found.length > 0 ? [`${intervalText(found, interval)}, every seed`] : []),
      ...(published.length > 0 ? [PUBLISHED_TEXT] : []),
    ].join('; ');
  return panels(list, { ...options, subtitle, width, height });
}

/** What all panels of one chart share. */
interface BarLook {
  options: BarChartOptions;
  height: number;
  /** The field along x. */
  group: string;
  groupValues: readonly Scalar[];
  /** The series, in the order of their colours. */
  names: readonly Scalar[];
  domain: readonly [number, number];
}

/** Bars per panel. */
const barCount = ({ options, groupValues, names }: BarLook) =>
  groupValues.length * (options.x === undefined ? 1 : names.length);

/** Width of the plot, px: enough for each bar's figure and for the longest word below the bars. */
function plotWidth(look: BarLook): number {
  const bars = barCount(look);
  const words = look.groupValues.flatMap((at) => String(at).split(' '));
  const longest = Math.max(...words.map((word) => textWidth(word, LABEL_SIZE)));
  const [least, most] = look.options.facet === undefined ? [280, 640] : [160, 320];
  return Math.max(least, Math.min(most, 56 * bars), PLACE * bars, (longest + 10) * look.groupValues.length);
}

function barMarks(
  { width, first, ...look }: BarLook & { width: number; first: boolean },
  found: readonly Group[],
  published: readonly PublishedPoint[],
): Record<string, unknown> {
  const { options, height, group, groupValues, names, domain } = look;
  const { value, series, x, neutral = [], digits = 1 } = options;
  const perPixel = (domain[1] - domain[0]) / height;
  const bars = found.map(({ fields, values, ...summary }) => {
    const top = Math.max(summary.high, ...values);
    const figure = published.find((one) => JSON.stringify(one.fields) === JSON.stringify(fields));
    // Where a diamond would cover the bar's figure, the figure goes above the diamond.
    const near = figure && figure.high > top - 4 * perPixel && figure.low < top + 20 * perPixel;
    return { ...inColumns(fields), ...summary, top: near ? figure.high : top, label: fixed(summary.mean, digits) };
  });
  // A single value is the bar itself.
  const points = found.flatMap(({ fields, values }) =>
    values.length > 1 ? values.map((point) => ({ ...inColumns(fields), point })) : [],
  );
  const colours = { domain: names, range: seriesColours(names.map(String), neutral, options.colours) };
  const ofSeries = { field: columnOf(series), title: labelOf(series, options), type: 'nominal', scale: colours };
  const stroke = { ...ofSeries, legend: null };
  const legend =
    x === undefined ? null : { ...LEGEND, symbolType: 'square', ...(options.facet !== undefined && { offset: 8 }) };
  const y = { domain: [...domain], nice: false };
  const digit = (field: string, title = field) => ({ ...quantity(field), title, format: `.${digits + 1}f` });
  const tooltip = [
    ...Object.keys(found[0]?.fields ?? {}).map((field) => ({ field: columnOf(field), title: labelOf(field, options) })),
    digit('mean'),
    digit('sd'),
    { field: 'n' },
    digit('low', options.interval === 'confidence' ? '95 % from' : 'mean − sd'),
    digit('high', options.interval === 'confidence' ? 'to' : 'mean + sd'),
  ];
  const layer: unknown[] = [
    {
      mark: { type: 'bar', cornerRadiusEnd: 2, opacity: 0.88 },
      encoding: {
        y: { ...quantity('mean'), title: first ? labelOf(value, options, unitOf(options)) : NO_TITLE, scale: y },
        color: { ...ofSeries, legend },
        tooltip,
      },
    },
    ...intervalMarks(),
    {
      data: { values: points },
      mark: {
        type: 'point',
        shape: x === undefined ? besideBy(3) : besideBy(2.25),
        size: width / barCount(look) > 40 ? 64 : 40,
        filled: true,
        fill: '#ffffff',
        stroke: '#30353f',
        strokeWidth: 0.8,
        opacity: 0.9,
      },
      encoding: { y: quantity('point'), tooltip: [digit('point', labelOf(value, options))] },
    },
    { mark: { type: 'text', dy: -8 }, encoding: { y: quantity('top'), text: { field: 'label' } } },
  ];
  if (published.length > 0) {
    layer.push({
      data: { values: publishedRows(published) },
      layer: [
        ...intervalMarks({ strokeWidth: 1.2 }),
        diamond(stroke, publishedTooltip(Object.keys(published[0]!.fields), options)),
      ],
    });
  }
  return {
    data: { values: bars },
    encoding: {
      x: {
        field: columnOf(group),
        type: 'nominal',
        title: x === undefined ? null : labelOf(x, options),
        axis: { labelExpr: wrappedLabels(groupValues, width / groupValues.length - 6), labelLimit: width },
        scale: { domain: groupValues, paddingInner: x === undefined ? 0.35 : 0.22 },
      },
      ...(x !== undefined && {
        xOffset: { ...ofSeries, scale: { domain: names, paddingInner: 0.12 } },
      }),
    },
    layer,
  };
}

/** A Vega expression for axis labels in lines of at most `width` pixels. */
function wrappedLabels(values: readonly Scalar[], width: number): string {
  const lines = Object.fromEntries(values.map((at) => [String(at), wrapWords(String(at), width, LABEL_SIZE)]));
  return `(${JSON.stringify(lines)})[datum.label]`;
}

/** SVG path of a circle shifted sideways, so that the points don't hide the interval. @param shift in diameters */
function besideBy(shift: number): string {
  return `M${shift - 0.5},0A0.5,0.5,0,1,1,${shift + 0.5},0A0.5,0.5,0,1,1,${shift - 0.5},0Z`;
}
