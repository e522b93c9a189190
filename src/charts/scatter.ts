/** Scatter charts: points that differ in colour and shape, with optional labels. */
import { type Chart, type ChartOptions, labelOf, LEGEND, panels } from './chart';
import { columnOf, inColumns } from './columns';
import { distinct } from './groups';
import { pickFields } from './published';
import { expectRows, measuredNumber, type ResultRow } from './results';
import { CONTEXT, seriesColours } from './theme';

export interface ScatterOptions extends ChartOptions {
  x: string;
  y: string;
  /** Field that gives colour and shape. */
  series?: string;
  /** Field with one panel per value: 'method'. Panels share axes and colours. Default: one panel. */
  facet?: string;
  /** Field written beside each point. */
  label?: string;
  /** Points drawn small and pale behind those of every panel, in the colours of their series. */
  context?: readonly ResultRow[];
  /** Draw no axes, for x and y without unit or origin, as in an embedding. @default false */
  plane?: boolean;
  xUnit?: string;
  yUnit?: string;
  neutral?: readonly string[];
}

/**
 * One point per row.
 * @throws TypeError when x or y of a row is not a finite number, or a row lacks a field that the options name; RangeError
 *   without any row.
 * @example scatter(rows, { x: 'coverage', y: 'accuracy', series: 'method' })
 */
export function scatter(rows: readonly ResultRow[], options: ScatterOptions): Chart {
  const { series, facet, neutral = [] } = options;
  expectRows(rows);
  const all = [...rows, ...(options.context ?? [])];
  if (rows.length === 0) throw new RangeError('Expected at least one row to draw, got none. Run at least one seed.');
  for (const row of all) for (const field of [options.x, options.y]) measuredNumber(row, field);
  for (const row of rows) pickFields(row, [series ?? [], facet ?? [], options.label ?? []].flat());
  for (const row of options.context ?? []) pickFields(row, [series ?? []].flat());
  const names = series === undefined ? [] : distinct(all, series).map(String);
  const shared = { names, colours: seriesColours(names, neutral), limits: limitsOf(all, options) };
  const width = options.width ?? (facet === undefined ? 480 : 260);
  const height = options.height ?? (facet === undefined ? 280 : 260);
  const values = facet === undefined ? [undefined] : distinct(rows, facet);
  const list = values.map((value) => ({
    ...(value !== undefined && { title: String(value) }),
    marks: scatterMarks(facet === undefined ? rows : rows.filter((row) => row[facet] === value), {
      ...shared,
      options,
    }),
  }));
  return panels(list, { ...options, width, height });
}

type Limits = Record<'x' | 'y', [number, number]>;

/** Limits of each axis, shared by all panels so that they can be compared. */
function limitsOf(all: readonly ResultRow[], { x, y }: ScatterOptions): Limits {
  const of = (field: string): [number, number] => {
    const values = all.map((row) => Number(row[field]));
    return [Math.min(...values), Math.max(...values)];
  };
  return { x: of(x), y: of(y) };
}

interface ScatterLook {
  options: ScatterOptions;
  names: readonly string[];
  colours: readonly string[];
  limits: Limits;
}

/** Copies rows, because Vega adds marks of its own to the objects that it is given. */
const copied = (rows: readonly ResultRow[]): ResultRow[] => rows.map(inColumns);

function scatterMarks(
  rows: readonly ResultRow[],
  { options, names, colours, limits }: ScatterLook,
): Record<string, unknown> {
  const { x, y, series, facet, label, context = [], plane = false } = options;
  const scale = { domain: names, range: colours };
  const ofSeries = series !== undefined && {
    field: columnOf(series),
    title: labelOf(series, options),
    type: 'nominal',
    legend: LEGEND,
  };
  const color = ofSeries ? { ...ofSeries, scale } : { value: seriesColours(['all'])[0] };
  const quantity = (field: string, axis: 'x' | 'y', unit: string | undefined) => ({
    field: columnOf(field),
    type: 'quantitative',
    ...(plane ? { axis: null } : { title: labelOf(field, options, unit) }),
    scale: {
      zero: false,
      nice: facet === undefined && !plane,
      padding: 10,
      ...(facet !== undefined && { domain: limits[axis] }),
    },
  });
  return {
    data: { values: copied(rows) },
    encoding: { x: quantity(x, 'x', options.xUnit), y: quantity(y, 'y', options.yUnit) },
    layer: [
      ...(context.length === 0
        ? []
        : [
            {
              data: { values: copied(context) },
              mark: { type: 'point', filled: true, ...CONTEXT },
              encoding: { color },
            },
          ]),
      {
        mark: { type: 'point', filled: true, size: plane ? 40 : 56, opacity: 0.85 },
        encoding: {
          color,
          ...(ofSeries && { shape: { ...ofSeries, scale: { domain: names } } }),
          tooltip: [...new Set(rows.flatMap(Object.keys))].map((field) => ({
            field: columnOf(field),
            title: labelOf(field, options),
          })),
        },
      },
      ...(label === undefined
        ? []
        : [
            {
              mark: { type: 'text', align: 'left', dx: 7, dy: 1 },
              encoding: { text: { field: columnOf(label), title: labelOf(label, options) } },
            },
          ]),
    ],
  };
}
