/** Marks that charts share, so that an interval and a published figure look the same in each. */
import { type ChartOptions, labelOf } from './chart';
import { columnOf, inColumns } from './columns';
import type { PublishedPoint } from './published';

/** Ink and its halo: seen on a coloured mark, on a light page and on a dark one. */
export const DARK = '#2a2f3a';
export const HALO = '#ffffff';

/** What a subtitle says of the published figures. */
export const PUBLISHED_TEXT = 'diamonds: published';

export const quantity = (field: string) => ({ field, type: 'quantitative' });

/** The interval from `low` to `high` as a line with a halo. */
export function intervalMarks({ strokeWidth = 1.6 }: { strokeWidth?: number } = {}): unknown[] {
  const encoding = { y: quantity('low'), y2: { field: 'high' } };
  return [
    { mark: { type: 'rule', strokeWidth: strokeWidth + 2.4, stroke: HALO, opacity: 0.85 }, encoding },
    { mark: { type: 'rule', strokeWidth, stroke: DARK }, encoding },
  ];
}

/** A published figure: an open diamond. `stroke` is an encoding, for charts in which the diamonds have their series' colour. */
export function diamond(stroke: unknown, tooltip: unknown): Record<string, unknown> {
  return {
    mark: { type: 'point', shape: 'diamond', size: 80, strokeWidth: 1.8, filled: false, fill: HALO, opacity: 1 },
    encoding: { y: quantity('mean'), stroke, tooltip },
  };
}

/** The rows of published figures as the marks read them. */
export function publishedRows(points: readonly PublishedPoint[]): Record<string, unknown>[] {
  return points.map(({ fields, ...rest }) => ({ ...inColumns(fields), ...rest }));
}

/** What a published figure says under the pointer. */
export function publishedTooltip(fields: readonly string[], options: Pick<ChartOptions, 'labels'>): unknown[] {
  return [
    ...fields.map((field) => ({ field: columnOf(field), title: labelOf(field, options) })),
    { ...quantity('mean'), title: 'published' },
    { field: 'sd' },
    { field: 'differs' },
  ];
}
