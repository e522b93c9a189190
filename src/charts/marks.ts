/** Marks shared by charts, so that intervals and published figures look the same in all of them. */
import { type ChartOptions, labelOf } from './chart';
import { columnOf, inColumns } from './columns';
import type { PublishedPoint } from './published';

/** A line's colour and its halo's: together visible on coloured marks and on light and dark pages. */
const DARK = '#2a2f3a';
export const HALO = '#ffffff';

/** Explains the published figures in a subtitle. */
export const PUBLISHED_TEXT = 'diamonds: published';

export const quantity = (field: string): { field: string; type: 'quantitative' } => ({ field, type: 'quantitative' });

/** The interval from `low` to `high` as a line with a halo. */
export function intervalMarks({ strokeWidth = 1.6 }: { strokeWidth?: number } = {}): unknown[] {
  const encoding = { y: quantity('low'), y2: { field: 'high' } };
  return [
    { mark: { type: 'rule', strokeWidth: strokeWidth + 2.4, stroke: HALO, opacity: 0.85 }, encoding },
    { mark: { type: 'rule', strokeWidth, stroke: DARK }, encoding },
  ];
}

/** A published figure: an open diamond. @param stroke an encoding, for diamonds in their series' colour */
export function diamond(stroke: unknown, tooltip: unknown): Record<string, unknown> {
  return {
    mark: { type: 'point', shape: 'diamond', size: 80, strokeWidth: 1.8, filled: false, fill: HALO, opacity: 1 },
    encoding: { y: quantity('mean'), stroke, tooltip },
  };
}

/** Published figures as data rows for these marks. */
export function publishedRows(points: readonly PublishedPoint[]): Record<string, unknown>[] {
  return points.map(({ fields, ...rest }) => ({ ...inColumns(fields), ...rest }));
}

/** The tooltip of a published figure. */
export function publishedTooltip(fields: readonly string[], options: Pick<ChartOptions, 'labels'>): unknown[] {
  return [
    ...fields.map((field) => ({ field: columnOf(field), title: labelOf(field, options) })),
    { ...quantity('mean'), title: 'published' },
    { field: 'sd' },
    { field: 'differs' },
  ];
}
