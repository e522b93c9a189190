/** Which timesteps a noise loss is taken at. */

export interface TimestepRangeOptions {
  /** From and to as fractions of the schedule (paper 001: 0.1 and 0.7). */
  range?: readonly [number, number];
  /** Number of timesteps. */
  draws: number;
  /** Length of the schedule. */
  trainTimesteps?: number;
}

/**
 * Timesteps spread evenly over a range, each in the middle of its share: the stratified form of drawing them at
 * random, so that ranges whose widths share a spacing share their timesteps too, and a table over ranges is a set of
 * means over the same stored losses.
 * @throws when the range is empty or leaves the schedule.
 */
export function timestepsIn({ range = [0.1, 0.7], draws, trainTimesteps = 1000 }: TimestepRangeOptions): number[] {
  const [from, to] = range;
  if (!(from >= 0 && to <= 1 && from < to)) {
    throw new Error(`Expected a timestep range with 0 ≤ from < to ≤ 1, got [${from}, ${to}].`);
  }
  if (!Number.isInteger(draws) || draws < 1) throw new Error(`Expected at least 1 draw, got ${draws}.`);
  const spacing = ((to - from) * trainTimesteps) / draws;
  // Rounded at a millionth first: 0.1 + 0.2 must fall on the same timestep as 0.3.
  const timesteps = Array.from({ length: draws }, (_, i) =>
    Math.floor(from * trainTimesteps + (i + 0.5) * spacing + 1e-6),
  );
  if (new Set(timesteps).size < draws) {
    throw new Error(
      `Expected at most ${Math.floor((to - from) * trainTimesteps + 1e-6)} draws in [${from}, ${to}], got ${draws}.`,
    );
  }
  return timesteps;
}
