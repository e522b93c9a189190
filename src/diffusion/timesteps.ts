/** The timesteps at which noise is drawn. */
import { RandomStream } from '../engine';

export interface DrawOptions {
  /** [from, to] as fractions of the schedule, 0 … 1 (paper 001: 0.1 and 0.7); equal values stand for one timestep. */
  range: readonly [number, number];
  /** Number of draws. */
  draws: number;
  /** Index of the first draw. Default: 0. Draws 0 … 7 and, from first: 8, draws 8 … 11 are together draws 0 … 11. */
  first?: number;
  seed: number;
  /** Length of the prior's schedule. */
  trainTimesteps: number;
}

/** One noise draw of many over which the loss is averaged. */
export interface NoiseDraw {
  timestep: number;
  /** Distinguishes it from other draws at the same timestep. */
  index: number;
}

/**
 * Draws timesteps, each uniform over the integers of the range. They follow a randomly shifted van der Corput sequence,
 * so any number of first draws covers the range evenly: means over few and over many draws are both good, and the few
 * draws are a prefix of the many.
 * @throws if the range is not within the schedule, or `draws` or `first` is out of range
 */
export function noiseDraws({ range, draws, first = 0, seed, trainTimesteps }: DrawOptions): NoiseDraw[] {
  const [from, to] = range;
  if (!(from >= 0 && to <= 1 && from <= to && from < 1)) {
    throw new Error(`Expected a timestep range with 0 ≤ from ≤ to ≤ 1 and from < 1, got [${from}, ${to}].`);
  }
  if (!Number.isInteger(draws) || draws < 1) throw new Error(`Expected at least 1 draw, got ${draws}.`);
  if (!Number.isInteger(first) || first < 0) throw new Error(`Expected a first draw of 0 or more, got ${first}.`);
  // Rounded so that 0.1 + 0.2 falls on the same timestep as 0.3.
  const [lowest, end] = [Math.round(from * trainTimesteps), Math.round(to * trainTimesteps)];
  const width = Math.max(1, end - lowest);
  const shift = new RandomStream(seed, 'timesteps', lowest, width).uniform();
  return Array.from({ length: draws }, (_, i) => {
    const index = first + i;
    return { timestep: lowest + Math.floor(width * ((vanDerCorput(index) + shift) % 1)), index };
  });
}

/** The binary digits of n, mirrored at the binary point: 0, 1/2, 1/4, 3/4, 1/8 … */
function vanDerCorput(n: number): number {
  let [value, share] = [0, 0.5];
  for (let rest = n; rest > 0; rest = Math.floor(rest / 2), share /= 2) value += (rest % 2) * share;
  return value;
}
