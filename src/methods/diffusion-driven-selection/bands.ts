/** Splits a timestep range into bands and groups of draws that ranges can share. */
import type { ScoreSettings } from './settings';

/** Draws `first` … `first + draws - 1` in a band of the schedule, computed and stored together. */
export interface DrawGroup {
  /** The band, as fractions of the schedule, 0 … 1; two equal fractions mean one timestep. */
  range: readonly [number, number];
  first: number;
  draws: number;
}

/**
 * The groups of draws that make up a range. Every range has `draws` draws in all, so a table over ranges varies nothing
 * but the range: of n bands, each gets its first draws / n. Groups end wherever draws / m would for any number of bands
 * m, so that ranges share them. A range of zero width is a band of its own.
 * @throws when the range isn't made of whole bands, or `draws` isn't a multiple of their number
 */
export function drawGroups({
  timestepRange: [from, to],
  bandWidth,
  draws,
}: Pick<ScoreSettings, 'timestepRange' | 'bandWidth' | 'draws'>): DrawGroup[] {
  if (!Number.isInteger(draws) || draws < 1) throw new Error(`Expected at least 1 draw, got ${draws}.`);
  if (!(from >= 0 && from <= to && to <= 1)) {
    throw new Error(`Expected a timestep range with 0 ≤ from ≤ to ≤ 1, got [${from}, ${to}].`);
  }
  const bands = bandsOf(from, to, bandWidth);
  if (draws % bands.length !== 0) {
    throw new Error(
      `Expected the draws to be a multiple of the range's ${bands.length} bands, got ${draws} for [${from}, ${to}]. A multiple of 12 fits up to four bands.`,
    );
  }
  const each = draws / bands.length;
  const most = from === to ? 1 : Math.round(1 / bandWidth);
  const ends = Array.from({ length: most }, (_, i) => draws / (i + 1)).filter(
    (end) => Number.isInteger(end) && end <= each,
  );
  const edges = [0, ...new Set([...ends, each])].sort((a, b) => a - b);
  return bands.flatMap((range) =>
    edges.slice(1).map((end, i) => ({ range, first: edges[i]!, draws: end - edges[i]! })),
  );
}

function bandsOf(from: number, to: number, width: number): [number, number][] {
  if (from === to) return [[from, to]];
  const count = Math.round((to - from) / width);
  if (count < 1 || Math.abs(from + count * width - to) > 1e-6) {
    throw new Error(
      `Expected the range [${from}, ${to}] to be whole bands of ${width}. Choose a width that divides it.`,
    );
  }
  const edge = (i: number): number => Number((from + i * width).toFixed(6));
  return Array.from({ length: count }, (_, i) => [edge(i), edge(i + 1)]);
}
