/** Lines of means with the 95 % band, each named at its end. */
import { axisTitle, type Chart, type ChartOptions, chart, countText, distinct, groups } from './chart';
import type { ResultRow } from './results';
import { seriesColours } from './theme';

export interface LineChartOptions extends ChartOptions {
  /** Numeric field along x: 'timestep'. */
  x: string;
  /** The measured field. */
  value: string;
  /** Field whose values are the lines. Default: one line. */
  series?: string;
  percent?: boolean;
  unit?: string;
  /** Unit of x. */
  xUnit?: string;
  /** Logarithmic x (IPC 1, 10, 50, 100). Default: false. */
  logX?: boolean;
  /** Let y start at zero. Default: false, a line's slope is what is read. */
  zero?: boolean;
  neutral?: readonly string[];
  /** A horizontal line, in the plotted unit: the published figure, chance, the full dataset. */
  reference?: { value: number; label: string };
}

/**
 * Mean against x, one line a series, the 95 % confidence interval as a band; labels stand at the lines' ends.
 * @param rows one a seed and x.
 * @example lineChart(rows, { x: 'timestep', value: 'localisation', series: 'prior', percent: true })
 */
export function lineChart(rows: readonly ResultRow[], options: LineChartOptions): Chart {
  const {
    x,
    value,
    series,
    percent = false,
    logX = false,
    zero = false,
    neutral = [],
    reference,
    height = 280,
  } = options;
  const unit = options.unit ?? (percent ? '%' : undefined);
  const found = groups(rows, series === undefined ? [x] : [x, series], value, percent);
  const names = series === undefined ? [''] : distinct(rows, series).map(String);
  const nameOf = (fields: Record<string, unknown>) => (series === undefined ? '' : String(fields[series]));
  const values = found.map(({ fields, values: _, ...summary }) => ({ ...fields, ...summary, series: nameOf(fields) }));
  const ys = found.flatMap(({ low, high }) => [low, high]).concat(reference?.value ?? [], zero ? 0 : []);
  const extent = Math.max(...ys) - Math.min(...ys) || 1;
  const ends = names.flatMap((name) => {
    const own = found.filter(({ fields }) => nameOf(fields) === name);
    const last = own.reduce((a, b) => (Number(b.fields[x]) > Number(a.fields[x]) ? b : a), own[0]!);
    return [{ series: name, [x]: last.fields[x] ?? null, at: last.mean }];
  });
  const labels = spread(ends, (extent * 15) / height);
  const scale = { domain: names, range: seriesColours(names, neutral) };
  const color = { field: 'series', type: 'nominal', scale, legend: null };
  const y = (field: string) => ({ field, type: 'quantitative', scale: { zero } });
  const tooltip = [
    ...(series === undefined ? [] : [{ field: 'series', title: series }]),
    { field: x },
    ...['mean', 'sd', 'low', 'high'].map((field) => ({ field, type: 'quantitative', format: '.3~f' })),
    { field: 'n' },
  ];
  const layer: unknown[] = [
    { mark: { type: 'area', opacity: 0.18 }, encoding: { y: y('low'), y2: { field: 'high' }, color } },
    { mark: { type: 'line', strokeWidth: 2 }, encoding: { y: { ...y('mean'), title: axisTitle(value, unit) }, color } },
    { mark: { type: 'point', filled: true, size: 32, opacity: 1 }, encoding: { y: y('mean'), color, tooltip } },
    {
      data: { values: labels },
      mark: { type: 'text', align: 'left', dx: 8, fontSize: 12 },
      encoding: { y: y('at'), text: { field: 'series' }, color },
    },
  ];
  if (reference) {
    layer.unshift(
      {
        data: { values: [reference] },
        mark: { type: 'rule', strokeDash: [4, 4] },
        encoding: { x: { value: 0 }, x2: { value: 'width' }, y: y('value') },
      },
      {
        data: { values: [reference] },
        mark: { type: 'text', align: 'left', dy: -6 },
        encoding: { x: { value: 4 }, y: y('value'), text: { field: 'label' } },
      },
    );
  }
  const subtitle =
    options.subtitle ?? (found.some(({ n }) => n > 1) ? `Mean and 95 % interval (${countText(found)})` : undefined);
  const places = distinct(rows, x).map(Number);
  const axis = places.length <= 10 ? { values: places } : { tickCount: 8 };
  return chart(
    {
      data: { values },
      encoding: {
        x: {
          field: x,
          type: 'quantitative',
          title: axisTitle(x, options.xUnit),
          scale: { type: logX ? 'log' : 'linear', zero: false, nice: !logX },
          axis,
        },
      },
      layer,
    },
    { ...options, ...(subtitle !== undefined && { subtitle }) },
  );
}

/** Pushes labels apart until no two are nearer than `gap`, keeping their order. */
function spread<T extends { at: number }>(labels: readonly T[], gap: number): T[] {
  const sorted = labels.map((label) => ({ ...label })).sort((a, b) => a.at - b.at);
  for (let round = 0; round < 50; round++) {
    for (let i = 1; i < sorted.length; i++) {
      const [below, above] = [sorted[i - 1]!, sorted[i]!];
      const lack = gap - (above.at - below.at);
      if (lack > 1e-9) {
        below.at -= lack / 2;
        above.at += lack / 2;
      }
    }
  }
  return sorted;
}
