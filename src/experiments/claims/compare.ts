/** Two places of a table compared: by paired seeds where we ran them, by the printed spread where a paper did. */
import { meanAndDeviation, type Scalar } from '../../charts';
import { studentQuantile } from '../../common';
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
  /** Degrees of freedom of Student's t; Infinity for a normal error. */
  degrees: number;
  /** The epoch of a student that counts, where it isn't the last. */
  by?: 'best epoch';
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
  /**
   * A place beside a published figure, in per cent: ours by its best epoch, as the code that published it reports. Undefined
   * where the place has none.
   */
  compareTo(a: Place, figure: number): Comparison | undefined;
}

/** One student of ours: its place, what pairs it with others, and its accuracy in 0 … 1. */
export interface MeasuredRow {
  at: Place;
  /** Seeds of set and student; equal pairs are compared with each other. */
  pair: string;
  accuracy: number;
  /** Of the best epoch. Default: `accuracy`. */
  best?: number;
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
  const byPlace = new Map<string, { at: Place; accuracies: Map<string, number>; best: Map<string, number> }>();
  for (const { at, pair, accuracy, best = accuracy } of rows) {
    const entry = byPlace.get(key(at)) ?? { at, accuracies: new Map(), best: new Map() };
    entry.accuracies.set(pair, 100 * accuracy);
    entry.best.set(pair, 100 * best);
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
      const ours = byPlace.get(key(a))?.best;
      if (!ours) return undefined;
      const differences = [...ours.values()].map((value) => value - figure);
      return { a, b: { figure }, by: 'best epoch', ...meanWithInterval(differences) };
    },
  };
}

/** The mean of paired differences with Student's t-interval; of a single one the interval is endless. */
function meanWithInterval(
  differences: readonly number[],
): Pick<Comparison, 'difference' | 'low' | 'high' | 'standardError' | 'degrees'> {
  const { mean, sd, n } = meanAndDeviation(differences);
  // One alone says nothing of its spread: such a comparison stays open.
  if (n < 2)
    return {
      difference: mean,
      low: Number.NEGATIVE_INFINITY,
      high: Number.POSITIVE_INFINITY,
      standardError: Number.POSITIVE_INFINITY,
      degrees: 1,
    };
  return differenceWithin(mean, sd / Math.sqrt(n), n - 1);
}

/** Where a paper prints no spread: its own tables differ by this much for the same cell (Tables 1 and 5 of paper 001). */
const REPRINTED = 0.5;

/** Standard errors to each side of a mean that hold 95 % of a normal distribution. */
const NORMAL = 1.96;

/** Degrees of freedom from which Student's t is the normal distribution to three digits. */
const NEARLY_NORMAL = 10_000;

/** Of a printed mean: its standard error, and the degrees of freedom. Without a spread, the error is taken for normal. */
const errorOf = (sd: number | undefined, n: number): { error: number; degrees: number } =>
  sd === undefined
    ? { error: REPRINTED / Math.SQRT2 / NORMAL, degrees: Number.POSITIVE_INFINITY }
    : { error: sd / Math.sqrt(n), degrees: n - 1 };

/** A paper's: the difference of two means, with Welch's t-interval from the printed deviations. */
export function publishedEvidence({ rows, n = 5 }: Published): Evidence {
  const byPlace = new Map(rows.map((row) => [key(row.at), row]));
  return {
    places: (values) => rows.map(({ at }) => at).filter((at) => matches(at, values)),
    compare(a, b) {
      const [one, other] = [byPlace.get(key(a)), byPlace.get(key(b))];
      if (!one || !other) return undefined;
      const isPrinted = one.sd !== undefined && other.sd !== undefined;
      const [left, right] = [one, other].map(({ sd }) => errorOf(isPrinted ? sd : undefined, n)) as [
        StandardError,
        StandardError,
      ];
      const error = Math.hypot(left.error, right.error);
      return { a, b, ...differenceWithin(one.mean - other.mean, error, welchDegrees(left, right)) };
    },
    compareTo(a, figure) {
      const one = byPlace.get(key(a));
      if (!one) return undefined;
      const { error, degrees } = errorOf(one.sd, n);
      return { a, b: { figure }, ...differenceWithin(one.mean - figure, error, degrees) };
    },
  };
}

type StandardError = ReturnType<typeof errorOf>;

/** Degrees of freedom of a difference of two means whose spreads differ (Welch), rounded down; 1 where both have none. */
function welchDegrees(...errors: readonly [StandardError, StandardError]): number {
  if (errors.some(({ degrees }) => degrees === Number.POSITIVE_INFINITY)) return Number.POSITIVE_INFINITY;
  const variance = errors.reduce((sum, { error }) => sum + error ** 2, 0);
  const parts = errors.reduce((sum, { error, degrees }) => sum + error ** 4 / degrees, 0);
  return variance === 0 ? 1 : Math.max(1, Math.floor(variance ** 2 / parts));
}

/** Standard errors to each side that hold `share` of the distribution of a mean's error. */
export const marginOf = (degrees: number, share = 0.95): number =>
  studentQuantile(Math.min(degrees, NEARLY_NORMAL), share);

/** The 95 % interval of a difference. @param degrees of freedom; Infinity where its error is normal */
function differenceWithin(difference: number, standardError: number, degrees = Number.POSITIVE_INFINITY) {
  const margin = marginOf(degrees) * standardError;
  return { difference, low: difference - margin, high: difference + margin, standardError, degrees };
}
