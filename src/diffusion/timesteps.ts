/** Which timesteps noise is drawn at. */
import { RandomStream } from '../engine';

export interface DrawOptions {
  /** From and to as fractions of the schedule, 0 … 1 (paper 001: 0.1 and 0.7); twice the same is one timestep. */
  range: readonly [number, number];
  /** Number of draws. */
  draws: number;
  /** Index of the first draw. Default 0: draws 0 … 7 and 8 … 11 are together draws 0 … 11. */
  first?: number;
  seed: number;
  /** Length of the prior's schedule. */
  trainTimesteps: number;
}

/** One draw of noise: the loss is the mean over many. */
export interface NoiseDraw {
  timestep: number;
  /** Tells it from other draws at the same timestep. */
  index: number;
}

/**
 * Draws of a timestep, each uniform over the integers of the range. They follow a van der Corput sequence under a
 * random shift, so that any number of draws from the first on is spread evenly: means over few and over many draws are
 * both good, and the few are shared with the many.
 * @throws when the range is not within the schedule, or there is no draw
 */
export function noiseDraws({ range, draws, first = 0, seed, trainTimesteps }: DrawOptions): NoiseDraw[] {
  const [from, to] = range;
  if (!(from >= 0 && to <= 1 && from <= to && from < 1)) {
    throw new Error(`Expected a timestep range with 0 ≤ from ≤ to ≤ 1 and from < 1, got [${from}, ${to}].`);
  }
  if (!Number.isInteger(draws) || draws < 1) throw new Error(`Expected at least 1 draw, got ${draws}.`);
  if (!Number.isInteger(first) || first < 0) throw new Error(`Expected a first draw of 0 or more, got ${first}.`);
  // 0.1 + 0.2 must fall on the same timestep as 0.3.
  const [lowest, end] = [Math.round(from * trainTimesteps), Math.round(to * trainTimesteps)];
  const width = Math.max(1, end - lowest);
  const shift = new RandomStream(seed, 'timesteps', lowest, width).uniform();
  return Array.from({ length: draws }, (_, i) => {
    const index = first + i;
    return { timestep: lowest + Math.floor(width * ((vanDerCorput(index) + shift) % 1)), index };
  });
}

/** The binary digits of n mirrored at the point: 0, 1/2, 1/4, 3/4, 1/8 … */
function vanDerCorput(n: number): number {
  let [value, share] = [0, 0.5];
  for (let rest = n; rest > 0; rest = Math.floor(rest / 2), share /= 2) value += (rest % 2) * share;
  return value;
}
