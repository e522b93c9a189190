/** Line charts: means with the interval as a band, a name at each line's end, and published figures as dashed lines. */
import {
  type Chart,
  type ChartOptions,
  type ColourOptions,
  labelOf,
  NO_TITLE,
  panels,
  wrapWords,
  unitOf,
} from './chart';
import { expectFinite } from './checks';
import { columnOf, inColumns } from './columns';
import { facets } from './facets';
import { distinct, type Group, groups, type IntervalKind, intervalText } from './groups';
import { diamond, publishedRows, publishedTooltip, quantity } from './marks';
import { MISSING_TEXT, type PublishedFigure, type PublishedPoint, publishedPoints } from './published';
import { type ResultRow, type Scalar, shownValue } from './results';
import { seriesColours } from './theme';

export interface LineChartOptions extends ChartOptions, ColourOptions {
  /** Numeric field along x: 'timestep'. */
  x: string;
  /** The measured field. */
  value: string;
  /** Field whose values are the lines. Default: one line. */
  series?: string;
  /** Field with one panel per value: 'dataset'. Panels share axes and colours. Default: one panel. */
  facet?: string;
  /** What the band shows. Default: 'sd', as in tables. */
  interval?: IntervalKind;
  /** Multiply by 100 and show %. Default: false. */
  percent?: boolean;
  unit?: string;
  /** Unit of x. */
  xUnit?: string;
  /** Logarithmic x (IPC 1, 10, 50, 100). Default: false. */
  logX?: boolean;
  /** Each panel has its own values of x, at equal distances: for panels of different settings. Default: false. */
  ownX?: boolean;
  /** The adopted value of x for each value of the facet: a dashed vertical line. */
  adopted?: Readonly<Record<string, number>>;
  /** Start y at zero. Default: false, since one reads the slope of a line. */
  zero?: boolean;
  /** Published figures, in the plotted unit: dashed lines with open diamonds, and their sd where it was printed. */
  published?: readonly PublishedFigure[];
  /** Text in a panel that has published figures only. Default: 'not at this scale'. */
  missing?: string;
  /** Horizontal lines, in the unit of `value`, for what doesn't depend on x: chance, the full dataset. */
  references?: readonly Reference[];
}

/** A horizontal line with its name. */
export interface Reference {
  value: number;
  label: string;
  /** The value of `facet` whose panel it is drawn in. Default: every panel. */
  panel?: Scalar;
}

const HEIGHT = 280;
const LABEL_SIZE = 12;
const LABEL_LINE = 14;
/** Longer names are wrapped, px. */
const LABEL_WIDTH = 130;
const PUBLISHED_DASH = [5, 4];
const LABEL_MARK = { type: 'text', baseline: 'line-top', fontSize: LABEL_SIZE, lineHeight: LABEL_LINE };

/**
 * Mean against x, one line per series, mean ± sd (or the 95 % interval) as a band; names stand at the lines' ends.
 * @param rows one per seed and x
 * @throws TypeError when a row lacks a field or a value is not finite, RangeError without any row.
 * @example lineChart(rows, { x: 'timestep', value: 'accuracy', series: 'prior', percent: true, published })
 */
export function lineChart(rows: readonly ResultRow[], options: LineChartOptions): Chart {
  const { x, value, series, facet, percent = false, zero = false, interval = 'sd', missing = MISSING_TEXT } = options;
  for (const { value: at, label } of options.references ?? []) expectFinite({ [`the reference '${label}'`]: at });
  for (const [name, at] of Object.entries(options.adopted ?? {})) expectFinite({ [`adopted.${name}`]: at });
  const fields = [...new Set([facet ?? [], x, series ?? []].flat())];
  const found = groups(rows, fields, { value, percent, interval });
  const published = publishedPoints(options.published ?? [], fields);
  const places = [...found, ...published].map((point) => point.fields);
  checkAlong(places, options);
  const names = series === undefined ? [''] : distinct(places, series).map(String);
  const ys = [...found, ...published].flatMap(({ low, high }) => [low, high]);
  const references = (options.references ?? []).map(({ value, ...rest }) => ({
    value: percent ? 100 * value : value,
    ...rest,
  }));
  ys.push(...references.map((one) => one.value), ...(zero ? [0] : []));
  const [low, high] = [Math.min(...ys), Math.max(...ys)];
  const margin = (high - low || Math.abs(high) || 1) * 0.05;
  const height = options.height ?? HEIGHT;
  const width = options.width ?? (facet === undefined ? 480 : 280);
  const look: LineLook = {
    options,
    names,
    xs: numbersAlong(places, x),
    domain: [zero && low === 0 ? 0 : low - margin, zero && high === 0 ? 0 : high + margin],
    height,
  };
  const list = facets([...found, ...published], options).map(({ title, of }, index) => {
    const inPanel = [...of(found), ...of(published)].map((point) => point.fields);
    const panel = facet === undefined ? undefined : inPanel[0]![facet];
    const own = {
      first: index === 0,
      adopted: facet === undefined ? undefined : options.adopted?.[String(panel)],
      references: references.filter((one) => one.panel === undefined || one.panel === panel),
      ...(options.ownX && { xs: numbersAlong(inPanel, x) }),
    };
    return {
      ...(title !== undefined && { title: of(found).length > 0 ? title : `${title} (${missing})` }),
      marks: lineMarks({ ...look, ...own }, of(found), of(published)),
    };
  });
  const subtitle =
    options.subtitle ??
    [
      intervalText(found, interval),
      // A bare number at a line's end needs the name of its field.
      series !== undefined && names.every((name) => name !== '' && Number.isFinite(Number(name)))
        ? `lines: ${labelOf(series, options)}`
        : '',
      published.length > 0 ? 'dashed with diamonds: published' : '',
      options.adopted ? 'dashed upright: adopted' : '',
    ]
      .filter(Boolean)
      .join('; ');
  return panels(list, { ...options, subtitle, width, height });
}

/** @throws TypeError if an x is not a number, RangeError if an x on a logarithmic axis is not over 0 */
function checkAlong(places: readonly Record<string, Scalar>[], { x, logX = false }: LineChartOptions): void {
  for (const { [x]: at } of places) {
    if (typeof at !== 'number') {
      throw new TypeError(
        `Expected field '${x}' along x to be a number, got ${shownValue(at)}. Draw names with barChart.`,
      );
    }
    if (logX && at <= 0)
      throw new RangeError(`Expected field '${x}' to be over 0 on a logarithmic x, got ${at}. Leave logX out.`);
  }
}

/** What all panels of one chart share. */
interface LineLook {
  options: LineChartOptions;
  /** The series, in the order of their colours. */
  names: readonly string[];
  xs: readonly number[];
  domain: readonly [number, number];
  height: number;
}

const numbersAlong = (places: readonly ResultRow[], x: string): number[] =>
  distinct(places, x)
    .map(Number)
    .sort((a, b) => a - b);

function lineMarks(
  {
    options,
    names,
    references,
    xs,
    domain,
    height,
    first,
    adopted,
  }: LineLook & { first: boolean; adopted: number | undefined; references: readonly Reference[] },
  found: readonly Group[],
  published: readonly PublishedPoint[],
): Record<string, unknown> {
  const { x, value, series, neutral = [] } = options;
  const nameOf = ({ fields }: { fields: Record<string, Scalar> }) =>
    series === undefined ? '' : String(fields[series]);
  const named = <T extends { fields: Record<string, Scalar> }>(point: T) => ({
    ...inColumns(point.fields),
    series: nameOf(point),
  });
  const values = found.map(({ values: _, ...group }) => ({ ...group, ...named(group), fields: undefined }));
  const figures = publishedRows(published).map((row, index) => ({ ...row, ...named(published[index]!) }));
  const perPixel = (domain[1] - domain[0]) / height;
  const ends = names.flatMap((name) => {
    const isOf = (point: { fields: Record<string, Scalar> }) => nameOf(point) === name;
    const [ours, theirs] = [found.filter(isOf), published.filter(isOf)];
    const label = (points: readonly { fields: Record<string, Scalar>; mean: number }[], text: string): LineLabel[] => {
      if (points.length === 0) return [];
      const last = points.reduce((a, b) => (Number(b.fields[x]) > Number(a.fields[x]) ? b : a));
      return [
        {
          series: name,
          text: wrapWords(text, LABEL_WIDTH, LABEL_SIZE),
          [columnOf(x)]: last.fields[x] ?? null,
          at: last.mean,
        },
      ];
    };
    if (name === '') return theirs.length > 0 ? [...label(ours, 'ours'), ...label(theirs, 'published')] : [];
    // A dashed line has the colour of its series; it needs a name only where we have no line of our own.
    return ours.length > 0 ? label(ours, name) : label(theirs, `${name} (published)`);
  });
  const line = perPixel * LABEL_LINE;
  const isLast = (label: LineLabel): boolean => label[columnOf(x)] === xs.at(-1);
  // At the right stand the lines that reach it and those that don't depend on x; the others are named above their ends.
  const right = spread([...ends.filter(isLast), ...references.map(referenceLabel)], line);
  const early = ends
    .filter((label) => !isLast(label))
    .map((label): LineLabel => ({ ...label, at: label.at + line * (label.text.length + 0.4) }));
  const color = {
    field: 'series',
    type: 'nominal',
    scale: { domain: names, range: seriesColours(names, neutral, options.colours) },
    legend: null,
  };
  const scale = { domain: [...domain], zero: false, nice: false };
  const y = (field: string) => ({ ...quantity(field), scale });
  const title = first ? labelOf(value, options, unitOf(options)) : NO_TITLE;
  const tooltip = [
    ...(series === undefined ? [] : [{ field: 'series', title: labelOf(series, options) }]),
    { field: columnOf(x), title: labelOf(x, options) },
    ...['mean', 'sd', 'low', 'high'].map((field) => ({ ...quantity(field), format: '.3~f' })),
    { field: 'n' },
  ];
  return {
    data: { values },
    encoding: {
      x: { ...along(xs, options), title: labelOf(x, options, options.xUnit) },
    },
    layer: [
      ...(references.length > 0 ? referenceMarks(references, y) : []),
      ...(adopted === undefined
        ? []
        : [
            {
              data: { values: [{ [columnOf(x)]: adopted }] },
              mark: { type: 'rule', strokeDash: [4, 3], opacity: 0.7 },
            },
          ]),
      { mark: { type: 'area', opacity: 0.18 }, encoding: { y: y('low'), y2: { field: 'high' }, color } },
      ...(published.length > 0 ? [{ data: { values: figures }, layer: publishedMarks(options, color) }] : []),
      { mark: { type: 'line', strokeWidth: 2 }, encoding: { y: { ...y('mean'), title }, color } },
      { mark: { type: 'point', filled: true, size: 36, opacity: 1 }, encoding: { y: y('mean'), color, tooltip } },
      {
        data: { values: right.filter((label) => columnOf(x) in label) },
        mark: { ...LABEL_MARK, align: 'left', dx: 8 },
        encoding: { y: y('at'), text: { field: 'text' }, color },
      },
      {
        data: { values: right.filter((label) => !(columnOf(x) in label)) },
        mark: { ...LABEL_MARK, align: 'left', dx: 4 },
        encoding: { x: { value: 'width' }, y: y('at'), text: { field: 'text' } },
      },
      ...[true, false].map((isFirst) => ({
        data: { values: early.filter((label) => (label[columnOf(x)] === xs[0]) === isFirst) },
        // At the first x a centred name would reach into the axis.
        mark: { ...LABEL_MARK, align: isFirst ? 'left' : 'center' },
        encoding: { y: y('at'), text: { field: 'text' }, color },
      })),
    ],
  };
}

/** The x axis: to scale, or with its values at equal distances. */
function along(xs: readonly number[], { x, logX = false, ownX = false }: LineChartOptions): Record<string, unknown> {
  if (ownX)
    return {
      field: columnOf(x),
      type: 'ordinal',
      scale: { type: 'point', domain: xs, padding: 0.3 },
      axis: { labelAngle: 0 },
    };
  return {
    ...quantity(columnOf(x)),
    scale: { type: logX ? 'log' : 'linear', zero: false, nice: false, domain: [xs[0], xs.at(-1)], padding: 8 },
    // Formatted here because Vega rounds labels to the digits of the axis' step: 0.75 to 0.8.
    axis: xs.length <= 10 ? { values: xs, labelExpr: "format(datum.value, '~g')" } : { tickCount: 8 },
  };
}

const fieldsOf = ({ facet, x, series }: LineChartOptions) => [facet ?? [], x, series ?? []].flat();

function publishedMarks(options: LineChartOptions, color: Record<string, unknown>): unknown[] {
  const ofSeries = { ...color, legend: null };
  return [
    {
      mark: { type: 'line', strokeWidth: 1.4, strokeDash: PUBLISHED_DASH },
      encoding: { y: quantity('mean'), color: ofSeries },
    },
    {
      mark: { type: 'rule', strokeWidth: 1.4 },
      encoding: { y: quantity('low'), y2: { field: 'high' }, color: ofSeries },
    },
    diamond(ofSeries, publishedTooltip(fieldsOf(options), options)),
  ];
}

/** Dotted lines across a panel. */
function referenceMarks(references: readonly Reference[], y: (field: string) => Record<string, unknown>): unknown[] {
  return [
    {
      data: { values: references.map(({ value }) => ({ value })) },
      mark: { type: 'rule', strokeDash: [2, 3], opacity: 0.8 },
      encoding: { x: { value: 0 }, x2: { value: 'width' }, y: y('value') },
    },
  ];
}

const referenceLabel = ({ value, label }: Reference): LineLabel => ({
  series: '',
  text: wrapWords(label, LABEL_WIDTH, LABEL_SIZE),
  at: value,
});

/** The name of a line, with the x that it stands at; without one it stands at the panel's right. */
interface LineLabel {
  series: string;
  text: string[];
  /** In the unit of y: the middle of the text, and after `spread` its top. */
  at: number;
  [x: string]: unknown;
}

/** Pushes labels apart until none overlap, keeping their order. @param line height of a line of text, in the unit of y */
function spread(labels: readonly LineLabel[], line: number): LineLabel[] {
  const sorted = labels.map((label) => ({ ...label })).sort((a, b) => a.at - b.at);
  for (let round = 0; round < 50; round++) {
    for (let i = 1; i < sorted.length; i++) {
      const [below, above] = [sorted[i - 1]!, sorted[i]!];
      const lack = (line * (below.text.length + above.text.length)) / 2 - (above.at - below.at);
      if (lack > 1e-9) {
        below.at -= lack / 2;
        above.at += lack / 2;
      }
    }
  }
  return sorted.map((label) => ({ ...label, at: label.at + (line * label.text.length) / 2 }));
}
