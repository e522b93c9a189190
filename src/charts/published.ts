/** Published figures beside ours: what one is, and how charts take them. */
import { type ResultRow, type Scalar, shownValue } from './results';

/** A published figure: its setting, its value, and what differs from our protocol. */
export interface PublishedFigure {
  /** Setting fields, as in the result rows. */
  at: Readonly<Record<string, Scalar>>;
  /** As printed, in the table's unit (often per cent). */
  mean: number;
  sd?: number;
  n?: number;
  /** What differs from our run, in a few words: 'ResNet-18, 300 epochs, full ImageNette'. */
  differs?: string;
}

/** Default reason why a cell or a panel has no figure of ours. */
export const MISSING_TEXT = 'not at this scale';

/** A published figure as a data row of a chart: its setting, and mean ± sd as `low` to `high`. */
export interface PublishedPoint {
  fields: Record<string, Scalar>;
  mean: number;
  sd: number | null;
  low: number;
  high: number;
  differs: string;
}

/** @throws TypeError naming the first figure whose mean is not a finite number */
export function expectFigures(published: readonly PublishedFigure[]): void {
  const broken = published.find(({ mean }) => !Number.isFinite(mean));
  if (!broken) return;
  throw new TypeError(
    `Expected the mean of every published figure to be finite, got ${broken.mean} at ${JSON.stringify(broken.at)}.`,
  );
}

/**
 * Published figures as data rows, with the setting fields that a chart uses.
 * @throws TypeError when a figure lacks one of the fields, or its mean is not a finite number.
 */
export function publishedPoints(published: readonly PublishedFigure[], fields: readonly string[]): PublishedPoint[] {
  expectFigures(published);
  return published.map(({ at, mean, sd, differs }) => {
    const spread = sd !== undefined && Number.isFinite(sd) ? sd : null;
    return {
      fields: pickFields(at, fields),
      mean,
      sd: spread,
      low: mean - (spread ?? 0),
      high: mean + (spread ?? 0),
      differs: differs ?? '',
    };
  });
}

/**
 * The named fields of a row.
 * @throws TypeError when one is missing, or can't be grouped by: an object, NaN.
 */
export function pickFields(row: ResultRow, fields: readonly string[]): Record<string, Scalar> {
  return Object.fromEntries(
    fields.map((field) => {
      const value = row[field];
      if (value === undefined) {
        throw new TypeError(
          `Expected every row to have field '${field}', got ${shownValue(row)}. Its fields: ${Object.keys(row).join(', ')}.`,
        );
      }
      if ((typeof value === 'object' && value !== null) || (typeof value === 'number' && !Number.isFinite(value))) {
        throw new TypeError(
          `Expected field '${field}' of every row to be text, a finite number, true, false or null, as rows are grouped by it, got ${shownValue(value)}.`,
        );
      }
      return [field, value];
    }),
  );
}
