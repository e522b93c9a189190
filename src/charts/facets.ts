/** A chart's panels: one per value of a field, such as the dataset. */
import { type ChartOptions, labelOf } from './chart';
import { distinct } from './groups';
import type { Scalar } from './results';

/** Anything that belongs to a setting: a group of rows, a published figure. */
export interface Placed {
  fields: Readonly<Record<string, Scalar>>;
}

export interface Facet {
  /** The value, after the field's name unless it is text; none where the chart has one panel. */
  title?: string;
  /** The items of a list that belong to this panel. */
  of<T extends Placed>(list: readonly T[]): T[];
}

/**
 * One panel per value of `facet`, in order of appearance; without a facet, a single panel that holds everything.
 * @throws RangeError when there is nothing to draw.
 */
export function facets(all: readonly Placed[], options: ChartOptions & { facet?: string }): Facet[] {
  const { facet } = options;
  if (all.length === 0) throw new RangeError('Expected at least one row to draw, got none. Run at least one seed.');
  if (facet === undefined) return [{ of: (list) => [...list] }];
  const values = distinct(
    all.map(({ fields }) => fields),
    facet,
  );
  return values.map((value) => ({
    title: typeof value === 'string' ? value : `${labelOf(facet, options)} ${value}`,
    of: (list) => list.filter(({ fields }) => fields[facet] === value),
  }));
}
