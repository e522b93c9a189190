/** What all charts share: theme, grouping over seeds, and how a spec shows itself. */
import { DISPLAY, type Displayable, type MimeBundle } from './mime';
import { chartBundle } from './render';
import type { ResultRow, Scalar } from './results';
import { SCHEMA, type VegaLiteSpec } from './spec';
import { confidenceInterval, meanAndDeviation } from './statistics';
import { themeConfig } from './theme';

/** A spec that shows itself as a cell's last value; the method is not enumerable, so the JSON stays pure. */
export type Chart = VegaLiteSpec & Displayable;

/** A legend along the top, above the title of the y axis. */
export const LEGEND = { orient: 'top', title: null, offset: 28, columnPadding: 16 };

/** Options of every chart. */
export interface ChartOptions {
  title?: string;
  /** A second, quieter line: n, dataset, what the interval is. */
  subtitle?: string;
  /** Plot width, in pixels. Default: 480. */
  width?: number;
  /** Plot height, in pixels. Default: 280. */
  height?: number;
}

/** Adds schema, theme, size and title to the marks of a chart. */
export function chart(
  marks: Record<string, unknown>,
  { title, subtitle, width = 480, height = 280 }: ChartOptions = {},
): Chart {
  const spec = {
    $schema: SCHEMA,
    ...titleOf(title, subtitle),
    width,
    height,
    ...marks,
    config: themeConfig('either'),
  };
  Object.defineProperty(spec, DISPLAY, {
    enumerable: false,
    value: (): Promise<MimeBundle> => chartBundle(spec),
  });
  return spec as unknown as Chart;
}

function titleOf(title: string | undefined, subtitle: string | undefined): { title?: unknown } {
  if (title === undefined)
    return subtitle === undefined ? {} : { title: { text: subtitle, fontSize: 12, fontWeight: 'normal' } };
  return { title: subtitle === undefined ? title : { text: title, subtitle } };
}

/** The values of a field in order of appearance. */
export function distinct(rows: readonly ResultRow[], field: string): Scalar[] {
  return [...new Set(rows.map((row) => row[field] ?? null))];
}

/** A group of rows that differ in seed alone: mean, sd, n, and the 95 % interval of the mean. */
export interface Group {
  fields: Record<string, Scalar>;
  values: number[];
  mean: number;
  sd: number | null;
  n: number;
  low: number;
  high: number;
}

/**
 * Groups rows by `fields` and summarises the numbers of `value`.
 * @throws when a value is not a finite number.
 */
export function groups(rows: readonly ResultRow[], fields: readonly string[], value: string, percent = false): Group[] {
  const found = new Map<string, { fields: Record<string, Scalar>; values: number[] }>();
  for (const row of rows) {
    const number = row[value];
    if (typeof number !== 'number' || !Number.isFinite(number)) {
      throw new TypeError(
        `Expected field '${value}' of every row to be a finite number, got ${JSON.stringify(number)} in ${JSON.stringify(row)}. Leave failed runs out.`,
      );
    }
    const at = Object.fromEntries(fields.map((field) => [field, row[field] ?? null]));
    const key = JSON.stringify(at);
    const group = found.get(key) ?? { fields: at, values: [] };
    group.values.push(percent ? number * 100 : number);
    found.set(key, group);
  }
  return [...found.values()].map(({ fields: at, values }) => {
    const summary = meanAndDeviation(values);
    const [low, high] = confidenceInterval(summary);
    return {
      fields: at,
      values,
      mean: summary.mean,
      sd: Number.isNaN(summary.sd) ? null : summary.sd,
      n: summary.n,
      low,
      high,
    };
  });
}

/** 'accuracy (%)' */
export function axisTitle(field: string, unit: string | undefined): string {
  return unit ? `${field} (${unit})` : field;
}

/** 'n = 5 seeds; bars: mean, lines: 95 % interval' when every group has the same n; a range otherwise. */
export function countText(found: readonly Group[]): string {
  const counts = found.map(({ n }) => n);
  const [low, high] = [Math.min(...counts), Math.max(...counts)];
  return low === high ? `n = ${low}` : `n = ${low}–${high}`;
}
