/** Two places of a table compared: by paired seeds where we ran them, by the printed spread where a paper did. */
import { confidenceInterval, meanAndDeviation, type Scalar } from '../../charts';
import type { ControlAxis } from '../controls';
import type { Published } from '../published';

/** Values of axes; those left out are taken from the other side's places. */
export type Place = Readonly<Record<string, Scalar>>;

/** a − b, in points of a per cent. */
export interface Comparison {
  a: Place;
  b: Place;
  difference: number;
  /** 95 % interval of the difference. */
  low: number;
  high: number;
  /** Of the difference, in points. Infinite where a single pair was run. */
  standardError: number;
}

/** Rows that claims are tested on: ours or a paper's. */
export interface Evidence {
  /**
   * Every place with these values that has a figure. Those of controls only where `values`, or `also`, name a method: a claim
   * that names none speaks of the methods that the table compares.
   */
  places(values: Place, also?: Place): Place[];
  /** Undefined where one of the two has no figure. */
  compare(a: Place, b: Place): Comparison | undefined;
  /** A place beside a figure that is known, in per cent. Undefined where the place has none. */
  compareTo(a: Place, figure: number): Comparison | undefined;
}

/** One student of ours: its place, what pairs it with others, and its accuracy in 0 … 1. */
export interface MeasuredRow {
  at: Place;
  /** Seeds of set and student; equal pairs are compared with each other. */
  pair: string;
  accuracy: number;
}

/** Whether a place has these values. */
export const matches = (place: Place, values: Place): boolean =>
  Object.entries(values).every(([axis, value]) => place[axis] === value);

const key = (place: Place): string =>
  JSON.stringify(Object.entries(place).sort(([left], [right]) => (left < right ? -1 : 1)));

/**
 * Ours: the mean difference over pairs of seeds that both places have, with Student's t-interval.
 * @param controls default: no row is a control's
 */
export function measuredEvidence(
  rows: readonly MeasuredRow[],
  controls?: Pick<ControlAxis, 'axis' | 'compared'>,
): Evidence {
  const isControl = (place: Place): boolean =>
    controls !== undefined && !controls.compared.includes(place[controls.axis]);
  const names = (place: Place): boolean => controls !== undefined && controls.axis in place;
  const byPlace = new Map<string, { at: Place; accuracies: Map<string, number> }>();
  for (const { at, pair, accuracy } of rows) {
    const entry = byPlace.get(key(at)) ?? { at, accuracies: new Map() };
    entry.accuracies.set(pair, 100 * accuracy);
    byPlace.set(key(at), entry);
  }
  return {
    places: (values, also = {}) =>
      [...byPlace.values()]
        .map(({ at }) => at)
        .filter((at) => matches(at, values) && (!isControl(at) || names(values) || names(also))),
    compare(a, b) {
      const [ours, others] = [byPlace.get(key(a))?.accuracies, byPlace.get(key(b))?.accuracies];
      const differences = [...(ours ?? [])].flatMap(([pair, accuracy]) => {
        const other = others?.get(pair);
        return other === undefined ? [] : [accuracy - other];
      });
      return differences.length === 0 ? undefined : { a, b, ...meanWithInterval(differences) };
    },
    compareTo(a, figure) {
      const ours = byPlace.get(key(a))?.accuracies;
      return ours && { a, b: { figure }, ...meanWithInterval([...ours.values()].map((value) => value - figure)) };
    },
  };
}

function meanWithInterval(
  differences: readonly number[],
): Pick<Comparison, 'difference' | 'low' | 'high' | 'standardError'> {
  const summary = meanAndDeviation(differences);
  // One alone says nothing of its spread: such a comparison stays open.
  const [low, high] =
    summary.n > 1 ? confidenceInterval(summary) : [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  const standardError = summary.n > 1 ? summary.sd / Math.sqrt(summary.n) : Number.POSITIVE_INFINITY;
  return { difference: summary.mean, low, high, standardError };
}

/** Where a paper prints no spread: its own tables differ by this much for the same cell (Tables 1 and 5 of paper 001). */
const REPRINTED = 0.5;

/** Standard errors to each side of a mean that hold 95 % of a normal distribution. */
const NORMAL = 1.96;

/** @param spread standard deviation of a difference of two runs, where it is printed */
const errorOf = (spread: number | undefined, n: number): number =>
  spread === undefined ? REPRINTED / NORMAL : spread / Math.sqrt(n);

/** A paper's: the difference of two means, and ± 1.96 standard errors from the printed deviations. */
export function publishedEvidence({ rows, n = 5 }: Published): Evidence {
  const byPlace = new Map(rows.map((row) => [key(row.at), row]));
  return {
    places: (values) => rows.map(({ at }) => at).filter((at) => matches(at, values)),
    compare(a, b) {
      const [one, other] = [byPlace.get(key(a)), byPlace.get(key(b))];
      if (!one || !other) return undefined;
      const spread = one.sd === undefined || other.sd === undefined ? undefined : Math.hypot(one.sd, other.sd);
      return { a, b, ...differenceWithin(one.mean - other.mean, errorOf(spread, n)) };
    },
    compareTo(a, figure) {
      const one = byPlace.get(key(a));
      if (!one) return undefined;
      return { a, b: { figure }, ...differenceWithin(one.mean - figure, errorOf(one.sd, n)) };
    },
  };
}

/** The 95 % interval of a difference whose error is normal. */
export function differenceWithin(difference: number, standardError: number) {
  const margin = NORMAL * standardError;
  return { difference, low: difference - margin, high: difference + margin, standardError };
}
