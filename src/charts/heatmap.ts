/** Heat maps: a grid of coloured cells with the figure in each, and a second grid for the published figures. */
import { fixed } from '../common';
import { type Chart, type ChartOptions, labelOf, NO_TITLE, type Panel, panels, unitOf } from './chart';
import { expectDigits } from './checks';
import { viridis } from './colormap';
import { columnOf, inColumns } from './columns';
import { facets } from './facets';
import { distinct, type Group, groups, intervalText } from './groups';
import { quantity } from './marks';
import { MISSING_TEXT, pickFields, type PublishedFigure, publishedPoints } from './published';
import type { ResultRow, Scalar } from './results';
import { isVegaLite, type VegaLiteSpec } from './spec';
import { textWidth } from './text-metrics';
import { SEQUENTIAL } from './theme';

export interface HeatMapOptions extends ChartOptions {
  x: string;
  y: string;
  /** The measured field; rows that share x and y are averaged. Null means that the cell was not run. */
  value: string;
  /** Field with one grid per value: 'dataset'. Default: one grid. */
  facet?: string;
  percent?: boolean;
  unit?: string;
  /** Digits written in the cells. Default: 1. */
  digits?: number;
  /**
   * Limits of the colour scale. Default: the smallest and largest mean of each grid, but at least four standard deviations
   * of the seeds apart, so that what is noise has nearly one colour.
   */
  domain?: readonly [number, number];
  /** Published figures, in the plotted unit: a grid beside ours, with its own colour scale. */
  published?: readonly PublishedFigure[];
  /** Why a cell with a published figure or a null row is empty. Default: 'not at this scale'. */
  missing?: string;
}

/** A heat map, whose cells can be clicked when it is given to `control`. */
export interface HeatMap extends Chart {
  /** Fields (x, y, facet) of each measured cell: those that can be clicked. Not part of the JSON. */
  readonly cells: readonly HeatMapPlace[];
  /** The same chart, in which each measured cell is a link to `cellLink(index)`. Not part of the JSON. */
  readonly linked: VegaLiteSpec;
}

/** Above this share of cells that were not run, a grid is mostly dashes: rows and columns of dashes alone are left out. */
const SPARSE = 0.75;

/** Where a cell lies: { start: 0.1, end: 0.7 }. */
export type HeatMapPlace = Readonly<Record<string, Scalar>>;

export function isHeatMap(value: unknown): value is HeatMap {
  return isVegaLite(value) && Array.isArray((value as Partial<HeatMap>).cells);
}

/** The address of a cell in a linked chart. */
export const cellLink = (index: number): string => `#cell-${index}`;

/** One cell: a figure, or none where it was not run. */
interface HeatCell {
  fields: Record<string, Scalar>;
  /** The cell's link, in a linked chart. */
  href?: string;
  figure?: { mean: number; sd: number | null; n?: number };
}

/**
 * Means ± sd on an x × y grid in viridis, with dark text on light cells and light text on dark ones. Cells that were not
 * run have a dashed outline; places without a row or a published figure stay blank. Where most were not run, rows and columns
 * of dashes alone are left out; facets in which nothing was run always are, unless nothing was run at all.
 * @throws TypeError when a row lacks a field or a value is neither null nor finite, RangeError without any row.
 * @example heatMap(rows, { x: 'end', y: 'start', value: 'accuracy', percent: true, published })
 */
export function heatMap(rows: readonly ResultRow[], options: HeatMapOptions): HeatMap {
  const { x, y, value, facet, percent = false } = options;
  const [low, high] = options.domain ?? [0, 1];
  if (!(Number.isFinite(high - low) && low <= high))
    throw new RangeError(`Expected domain to be two numbers, from and to, got [${low}, ${high}].`);
  expectDigits(options.digits ?? 1);
  const fields = [facet ?? [], y, x].flat();
  const measured = groups(rows, fields, { value, percent }).map((group) => ({ fields: group.fields, figure: group }));
  const linked = measured.map((cell, index) => ({ ...cell, href: cellLink(index) }));
  return Object.defineProperties(draw(rows, measured, fields, options), {
    cells: { value: measured.map((cell) => cell.fields), enumerable: false },
    linked: { get: () => draw(rows, linked, fields, options), enumerable: false },
  }) as HeatMap;
}

function draw(
  rows: readonly ResultRow[],
  measured: readonly (HeatCell & { figure: Group })[],
  fields: string[],
  options: HeatMapOptions,
): Chart {
  const { x, y, value } = options;
  const published = publishedPoints(options.published ?? [], fields).map((point) => ({
    fields: point.fields,
    figure: point,
  }));
  const notRun = rows.filter((row) => row[value] === null).map((row) => pickFields(row, fields));
  const lacking = placesWithout(measured, [...notRun, ...published.map((cell) => cell.fields)]);
  const all: HeatCell[] = [...measured, ...lacking, ...published];
  const every = facets(all, options);
  // A facet without a figure of ours would be a grid of dashes: the table has its published figures.
  const hasOurs = every.filter(({ of }) => of(measured).length > 0);
  const shown = hasOurs.length > 0 ? hasOurs : every;
  const places = shown.flatMap(({ of }) => of(all)).map((cell) => cell.fields);
  const isSparse = lacking.length > SPARSE * (measured.length + lacking.length) && measured.length > 0;
  const own = isSparse ? measured.map((cell) => cell.fields) : places;
  const [xs, ys] = [ordered(own, x), ordered(own, y)];
  const inGrid = ({ fields }: HeatCell): boolean => xs.includes(fields[x]!) && ys.includes(fields[y]!);
  const cell = cellSize([...measured, ...published], options, xs);
  const columns = published.length > 0 ? 2 : 3;
  const list = shown.flatMap(({ title, of }, index): Panel[] => {
    const grid = (cells: readonly HeatCell[], { left, whose }: { left: boolean; whose?: string }): Panel => ({
      title: [title ?? [], whose ?? []].flat().join(', '),
      marks: gridMarks(of(cells).filter(inGrid), { options, xs, ys, left, italic: whose === 'published' }),
    });
    const ours = [...measured, ...lacking];
    if (published.length === 0) return [grid(ours, { left: index % columns === 0 })];
    return [grid(ours, { left: true, whose: 'ours' }), grid(published, { left: false, whose: 'published' })];
  });
  const leftOut = every.length - shown.length;
  const quantityText = labelOf(value, options, unitOf(options));
  const subtitle = [
    measured.length === 0
      ? quantityText
      : `${quantityText}, ${lowerFirst(intervalText(measured.map(({ figure }) => figure)))}`,
    ...(lacking.length > 0 ? [`dashed: ${options.missing ?? MISSING_TEXT}`] : []),
    ...(list.length > 1 && !options.domain
      ? ['colours from the lowest to the highest of each grid, at least four sd']
      : []),
    ...(isSparse ? ['rows and columns without a figure of ours left out'] : []),
    ...(leftOut > 0 ? [`${leftOut} ${leftOut === 1 ? 'grid' : 'grids'} without a figure of ours left out`] : []),
  ];
  return panels(
    list,
    {
      ...options,
      subtitle: options.subtitle ?? subtitle.join('; '),
      width: options.width ?? Math.max(cell.width * xs.length, ...list.map(titleWidth)),
      height: options.height ?? cell.height * ys.length,
    },
    { columns },
  );
}

/** A panel's title is bold, and what is wider than its grid would be cut off at the chart's edge. */
const titleWidth = ({ title = '' }: Panel): number => Math.ceil(1.08 * textWidth(title, 12));

/** From the smallest to the largest mean, widened to four standard deviations of the seeds. */
function colourLimits(cells: readonly HeatCell[]): [low: number, high: number] {
  const figures = cells.flatMap(({ figure }) => figure ?? []);
  const means = figures.map(({ mean }) => mean);
  const [low, high] = [Math.min(...means), Math.max(...means)];
  const deviations = figures.flatMap(({ sd }) => sd ?? []);
  const typical = deviations.length === 0 ? 0 : deviations.reduce((sum, sd) => sum + sd, 0) / deviations.length;
  const lack = Math.max(0, 4 * typical - (high - low)) / 2;
  return [low - lack, high + lack];
}

const BARE_AXIS = { domain: false, grid: false };

interface GridLook {
  options: HeatMapOptions;
  xs: readonly Scalar[];
  ys: readonly Scalar[];
  /** Whether the rows' names are shown beside this grid. */
  left: boolean;
  /** Published figures are in italics, as in tables. */
  italic: boolean;
}

function gridMarks(cells: readonly HeatCell[], { options, xs, ys, left, italic }: GridLook): Record<string, unknown> {
  const { x, y, digits = 1 } = options;
  const [low, high] = options.domain ?? colourLimits(cells);
  const values = cells.map(({ fields, figure, href }) => {
    if (!figure) return { ...inColumns(fields), missing: true };
    const { mean, sd, n = null } = figure;
    const [r, g, b] = viridis(high > low ? (mean - low) / (high - low) : 0.5);
    const ink = 0.2126 * r + 0.7152 * g + 0.0722 * b > 115 ? '#10151c' : '#ffffff';
    return {
      ...inColumns(fields),
      mean,
      sd,
      n,
      ink,
      ...(href !== undefined && { href }),
      label: fixed(mean, digits),
      spread: sd === null ? '' : `± ${sd.toFixed(digits)}`,
    };
  });
  const [known, missing] = [
    values.filter((value) => !('missing' in value)),
    values.filter((value) => 'missing' in value),
  ];
  const withSpread = known.some((value) => 'spread' in value && value.spread !== '');
  const style = italic ? { fontStyle: 'italic' } : {};
  const ink = { field: 'ink', type: 'nominal', scale: null };
  const link = cells.some(({ href }) => href !== undefined) ? { href: { field: 'href' } } : {};
  const axis = (field: string, domain: readonly Scalar[]) => ({
    field: columnOf(field),
    type: 'ordinal',
    title: labelOf(field, options),
    scale: { domain },
    axis: BARE_AXIS,
  });
  return {
    data: { values: known },
    encoding: {
      x: axis(x, xs),
      y: left ? axis(y, ys) : { ...axis(y, ys), title: NO_TITLE, axis: { ...BARE_AXIS, labels: false } },
    },
    layer: [
      {
        mark: { type: 'rect', cornerRadius: 2, stroke: null },
        encoding: {
          ...link,
          color: { ...quantity('mean'), scale: { scheme: SEQUENTIAL, domain: [low, high] }, legend: null },
          tooltip: [
            ...[x, y].map((field) => ({ field: columnOf(field), title: labelOf(field, options) })),
            { ...quantity('mean'), format: `.${digits + 1}f` },
            { field: 'sd' },
            { field: 'n' },
          ],
        },
      },
      {
        mark: { type: 'text', fontSize: 12, dy: withSpread ? -6 : 0, ...style },
        encoding: { text: { field: 'label' }, color: ink },
      },
      ...(withSpread
        ? [
            {
              mark: { type: 'text', fontSize: 10, dy: 9, ...style },
              encoding: { text: { field: 'spread' }, color: ink },
            },
          ]
        : []),
      ...(missing.length > 0 ? [{ data: { values: missing }, layer: MISSING }] : []),
    ],
    resolve: { scale: { color: 'independent' } },
  };
}

/** A cell that was not run: a dashed outline with a dash in it. */
const MISSING = [
  {
    mark: {
      type: 'rect',
      cornerRadius: 2,
      fill: null,
      stroke: '#80808090',
      strokeDash: [3, 3],
      width: { band: 0.9 },
      height: { band: 0.86 },
    },
  },
  { mark: { type: 'text', fontSize: 12, text: '–' } },
];

/** The places without a measured cell, each once. */
function placesWithout(measured: readonly HeatCell[], places: readonly Record<string, Scalar>[]): HeatCell[] {
  const known = new Set(measured.map(({ fields }) => JSON.stringify(fields)));
  const found = new Map(places.map((fields) => [JSON.stringify(fields), { fields }]));
  return [...found].filter(([key]) => !known.has(key)).map(([, cell]) => cell);
}

const lowerFirst = (text: string) => text.charAt(0).toLowerCase() + text.slice(1);

/** The values of a field: ascending if they are numbers, else in order of appearance. */
function ordered(places: readonly Record<string, Scalar>[], field: string): Scalar[] {
  const values = distinct(places, field);
  return values.every((value) => typeof value === 'number') ? values.sort((a, b) => Number(a) - Number(b)) : values;
}

/** Size of a cell, px: wide enough for the longest figure and column name. */
function cellSize(
  cells: readonly HeatCell[],
  { digits = 1 }: HeatMapOptions,
  xs: readonly Scalar[],
): { width: number; height: number } {
  const texts = cells.flatMap(({ figure }) =>
    figure ? [fixed(figure.mean, digits), `± ${figure.sd?.toFixed(digits) ?? ''}`] : [],
  );
  const widest = Math.max(0, ...[...texts, ...xs.map(String)].map((text) => textWidth(text, 12)));
  const withSpread = cells.some(({ figure }) => figure?.sd != null);
  return { width: Math.max(54, Math.ceil(widest) + 14), height: withSpread ? 42 : 34 };
}
