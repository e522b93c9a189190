/** The controls beside a table's methods. Most axes of a table don't affect them, so their rows are merged. */
import { meanAndDeviation, type Scalar } from '../charts';
import { groupBy } from '../common';
import type { ExperimentRow } from './experiment-row';

/** The value of an axis that a control doesn't depend on. */
export const ANY = 'any';

/** The axis of an experiment's controls. */
export interface ControlAxis {
  /** The axis on which controls are values beside the compared ones: 'method'. */
  axis: string;
  /** The values that the table itself compares. */
  compared: readonly unknown[];
  /** Every axis of the experiment. */
  axes: readonly string[];
}

/** The compared rows, without the controls. */
export const withoutControls = <Row extends ExperimentRow>(
  rows: readonly Row[],
  { axis, compared }: ControlAxis,
): Row[] => rows.filter((row) => compared.includes(row[axis]));

/**
 * Merges rows of a control that differ only in one of `fields`, if that field makes no difference to it: its value
 * becomes 'any'. It makes no difference if, for each pair of seeds, the accuracy is the same for all its values.
 */
export function mergedControls(
  rows: readonly ExperimentRow[],
  control: ControlAxis,
  fields: readonly string[],
): ExperimentRow[] {
  const { axis, compared, axes } = control;
  const ours = withoutControls(rows, control);
  const controls = groupBy(
    rows.filter((row) => !compared.includes(row[axis])),
    (row) => row[axis],
  );
  const merged = [...controls.values()].flatMap((of) =>
    fields.filter((field) => field !== axis).reduce((left, field) => mergedOver(left, field, axes), of),
  );
  return [...ours, ...merged];
}

/** Merges rows that differ only in `field` if all of them agree; else returns the rows unchanged. */
function mergedOver(rows: ExperimentRow[], field: string, axes: readonly string[]): ExperimentRow[] {
  const values = new Set(rows.map((row) => row[field]));
  if (values.size < 2) return rows;
  const others = axes.filter((other) => other !== field);
  const alike = groupBy(rows, (row) =>
    JSON.stringify([row.set, row.studentSeed, ...others.map((other) => row[other])]),
  );
  const same = [...alike.values()].every((group) => new Set(group.map(({ accuracy }) => accuracy)).size === 1);
  return same ? [...alike.values()].map(([row]) => ({ ...row!, [field]: ANY })) : rows;
}

/**
 * Mean accuracy of each control, for a line across a chart, or across each panel of it, whose axes don't name it. A control
 * that another axis of the chart changes has no line: the table holds its figures.
 */
export function controlReferences(
  rows: readonly ExperimentRow[],
  control: ControlAxis,
  { facet, along }: { facet?: string | undefined; along: readonly string[] },
): { value: number; label: string; panel?: Scalar }[] {
  const { axis } = control;
  const ours = new Set(withoutControls(rows, control));
  const merged = mergedControls(rows, control, along).filter((row) => !ours.has(row));
  const changing = new Set(merged.filter((row) => changes(merged, row, control, along)).map((row) => row[axis]));
  const lines = groupBy(
    merged.filter((row) => !changing.has(row[axis])),
    (row) => JSON.stringify([row[axis], facet === undefined ? null : row[facet]]),
  );
  return [...lines.values()].map((of) => ({
    label: String(of[0]![axis]),
    value: meanAndDeviation(of.map(({ accuracy }) => accuracy)).mean,
    ...(facet !== undefined && { panel: of[0]![facet] as Scalar }),
  }));
}

/** Whether rows of the same control stand at another value along the chart. */
const changes = (
  rows: readonly ExperimentRow[],
  row: ExperimentRow,
  { axis }: ControlAxis,
  along: readonly string[],
): boolean => rows.some((other) => other[axis] === row[axis] && along.some((field) => other[field] !== row[field]));
