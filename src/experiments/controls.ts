/** The controls beside a table's methods: most axes of a table leave them as they are, and then they are shown once. */
import { meanAndDeviation } from '../charts';
import { groupBy } from '../common/group-by';
import type { ExperimentRow } from './experiment-row';

/** What stands in the place of an axis that a control doesn't depend on. */
export const ANY = 'any';

/** Where an experiment's controls stand. */
export interface ControlAxis {
  /** The axis on which they stand beside what is compared: 'method'. */
  axis: string;
  /** The values that the table itself compares. */
  compared: readonly unknown[];
  /** Every axis of the experiment. */
  axes: readonly string[];
}

/** The rows that are compared, without the controls. */
export const withoutControls = <Row extends ExperimentRow>(
  rows: readonly Row[],
  { axis, compared }: ControlAxis,
): Row[] => rows.filter((row) => compared.includes(row[axis]));

/**
 * Rows in which a control stands once where one of `fields` makes no difference to it: 'any' takes the place of its values.
 * It makes none where each pair of seeds has one accuracy over all of them.
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

/** One row in place of those that differ in `field` alone, where all that do agree; else the rows as they are. */
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

/** Mean accuracy of each control, for a line across a chart whose axes don't name it. */
export function controlReferences(
  rows: readonly ExperimentRow[],
  { axis, compared }: ControlAxis,
): { value: number; label: string }[] {
  const controls = groupBy(
    rows.filter((row) => !compared.includes(row[axis])),
    (row) => String(row[axis]),
  );
  return [...controls].map(([label, of]) => ({
    label,
    value: meanAndDeviation(of.map(({ accuracy }) => accuracy)).mean,
  }));
}
