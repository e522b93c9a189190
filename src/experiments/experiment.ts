/** What a table or figure of a paper is: data that can be printed, hashed and opened at a scale. Nothing here runs. */
import type { LineChartOptions, Scalar } from '../charts';
import type { ProtocolName } from '../evaluation';
import type { Json } from '../sweeps';
import type { Claim } from './claims/claim';
import type { MethodName } from './method-names';
import type { Published } from './published';
import type { ScaleChanges, ScaleName } from './scales/scale';

export type Paper = 'diffusion-driven selection' | 'self-adaptive memory' | 'stillhouse';

/** Names of settings, each with the values that the table has, in its order. */
export type Axes = Readonly<Record<string, readonly Scalar[]>>;

/** One place (cell position) of a table: a value for each axis. */
export type PlaceOf<A extends Axes> = { readonly [Axis in keyof A]: A[Axis][number] };

/** One cell of a table, in the paper's terms. A scale maps these to its own dataset, prior and networks. */
export interface Cell {
  /** The paper's name: 'ImageWoof'. */
  dataset: string;
  method: MethodName;
  /** Settings of the method that the table varies. Sides of images and patches in the paper's pixels. */
  settings?: Readonly<Record<string, Json>>;
  imagesPerClass: number;
  /** Real images per class to distil from, a seeded random choice. Default: the paper's 300. */
  realImages?: number;
  /** @default 'rded' */
  protocol?: ProtocolName;
  /** Protocol whose changes by the scale apply, so that labels can be compared under one recipe. Default: `protocol`. */
  recipe?: ProtocolName;
  /** Names of networks, as in the paper. @default 'ResNet-18' */
  teacher?: string;
  student?: string;
}

/** Layout of the table. */
export interface TableLook {
  /** An axis that cuts the table into sections, each with a heading; the best figure of a column is marked in each. */
  facet?: string;
  rows: readonly string[];
  columns: readonly string[];
}

/** See LineChartOptions. */
type LineLook = Pick<LineChartOptions, 'logX' | 'xUnit' | 'interval' | 'ownX' | 'adopted'>;

/** Kind and axes of the chart. */
export type ChartLook =
  | { kind: 'bars'; x?: string; series: string; facet?: string }
  | { kind: 'dots'; y: string; series?: string; facet?: string }
  | ({ kind: 'lines'; x: string; series?: string; facet?: string } & LineLook)
  | { kind: 'heat map'; x: string; y: string; facet?: string };

/** A table or figure. */
export interface Experiment<A extends Axes = Axes> {
  /** Also the name of its notebook and of its folder in results/: 'table-5'. */
  name: string;
  paper: Paper;
  /** Where it stands in the paper: 'Table 5'. */
  item: string;
  title: string;
  /** What the paper says of it, in one or two sentences. */
  says: string;
  axes: A;
  /** Whether the table has a combination of values. Default: all. */
  where?(place: PlaceOf<A>): boolean;
  cell(place: PlaceOf<A>): Cell;
  /** The axis on which the scale's controls (random, oracle) are added to the compared values. Default: no controls. */
  controls?: keyof A & string;
  /** The only scale at which it can run. Default: any. */
  scale?: ScaleName;
  /** What it needs other than a scale has it, such as more pairs of seeds. A notebook's own changes come over it. */
  changes?: ScaleChanges;
  published?: Published;
  claims: readonly Claim[];
  table: TableLook;
  chart: ChartLook;
  /** Names of axes in tables and charts: { imagesPerClass: 'IPC' }. */
  labels?: Readonly<Partial<Record<keyof A & string, string>>>;
}

/**
 * Declares an experiment.
 * @throws if the table or chart names a field that isn't an axis, if the chart leaves out an axis of several values (it
 * would average over them), if an axis has the name of a field that every row has, or if accuracies with soft and with
 * hard labels would appear side by side without an axis 'labels'
 */
export function experiment<const A extends Axes>(definition: Experiment<A>): Experiment {
  const { name, axes, table, chart, controls } = definition;
  const taken = ['set', 'studentSeed', 'accuracy', 'bestAccuracy', 'seconds'].filter((field) => field in axes);
  if (taken.length > 0) {
    throw new Error(`Expected axes of ${name} other than a row's own fields, got '${taken[0]}'. Give it another name.`);
  }
  const fields = [table.facet ?? [], ...table.rows, ...table.columns, ...chartFields(chart), controls ?? []].flat();
  for (const field of fields.filter((field) => !(field in axes))) {
    throw new Error(`Expected ${name} to name its axes (${Object.keys(axes).join(', ')}), got '${field}'.`);
  }
  const shown = chartFields(chart);
  const hidden = Object.keys(axes).filter((axis) => axes[axis]!.length > 1 && !shown.includes(axis));
  if (hidden.length > 0) {
    throw new Error(
      `Expected the chart of ${name} to show every axis of several values, got none for ${hidden.join(', ')}: its marks would be means over them.`,
    );
  }
  const families = new Set(placesOf(definition).map((place) => definition.cell(place).protocol ?? 'rded'));
  if (families.has('rded') && families.size > 1 && !('labels' in axes)) {
    throw new Error(
      `Expected ${name} to have an axis 'labels', as it has soft and hard ones: ${[...families].join(', ')}.`,
    );
  }
  // Safe, since its functions are called with its own places only; a list of experiments can then ignore their axes.
  return definition as unknown as Experiment;
}

export function chartFields(look: ChartLook): string[] {
  const { facet } = look;
  const own = [
    'x' in look ? look.x : undefined,
    'y' in look ? look.y : undefined,
    'series' in look ? look.series : undefined,
  ];
  return [...own, facet].filter((field) => field !== undefined);
}

/** Every place of the table, in the order of its axes. */
export function placesOf<A extends Axes>({ axes, where }: Pick<Experiment<A>, 'axes' | 'where'>): PlaceOf<A>[] {
  let places: Record<string, Scalar>[] = [{}];
  for (const [axis, values] of Object.entries(axes)) {
    places = places.flatMap((place) => values.map((value) => ({ ...place, [axis]: value })));
  }
  return (places as PlaceOf<A>[]).filter((place) => where?.(place) ?? true);
}
