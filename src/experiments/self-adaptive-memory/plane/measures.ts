/** Measures of sampled points against the known density: modes reached, fidelity, diversity. */
import { precisionRecall } from '../../../evaluation';
import { drawPoints, modeOf, modes, type Point } from './density';
import { pointsOf } from './prior';
import { DRAWN, type PlaneRun } from './runs';

/** One number of one seed. */
export type PlaneRow = {
  method: string;
  /** 'λ = 0', 'λ × 1' … */
  weights: string;
  measure: string;
  seed: number;
  /** A share; of spread, a multiple of the real points'. */
  value: number;
};

/** What is measured, in the order of a table. */
export const measures = {
  ten: 'modes in ten points',
  fifty: 'modes in fifty points',
  inside: 'points on a mode',
  recall: 'recall',
  spread: 'spread',
} as const;

/** Rows of all runs, and of as many points of the density itself by the same seeds. */
export function planeRows(runs: readonly PlaneRun[]): PlaneRow[] {
  const seeds = [...new Set(runs.map(({ seed }) => seed))];
  // Seed 0 made the points that the priors are trained on.
  const real = seeds.map((seed) => ({
    method: 'real points',
    weights: '',
    seed,
    points: drawPoints(DRAWN, { seed: 100 + seed }),
  }));
  const drawn = runs.map(({ method, strength, seed, drawn }) => ({
    method: method as string,
    weights: method === 'DiT' ? '' : strength === 0 ? 'λ = 0' : `λ × ${strength}`,
    seed,
    points: pointsOf(drawn.ends),
  }));
  const reference = drawPoints(DRAWN, { seed: 99 });
  return [...real, ...drawn].flatMap(({ points, ...place }) =>
    Object.entries(measured(points, reference)).map(([measure, value]) => ({ ...place, measure, value })),
  );
}

function measured(points: readonly Point[], reference: readonly Point[]): Record<string, number> {
  return {
    [measures.ten]: reachedModes(points, 10),
    [measures.fifty]: reachedModes(points, 50),
    [measures.inside]: points.filter((point) => modeOf(point) !== undefined).length / points.length,
    [measures.recall]: precisionRecall(reference, points).recall!,
    [measures.spread]: meanDistance(points) / meanDistance(reference),
  };
}

/** Share of the modes that `size` points reach: mean over all the groups of so many, in their order. */
export function reachedModes(points: readonly Point[], size: number): number {
  const groups = Math.floor(points.length / size);
  const reached = Array.from({ length: groups }, (_, i) => {
    const found = points.slice(i * size, (i + 1) * size).map(modeOf);
    return new Set(found.filter((mode) => mode !== undefined)).size;
  });
  return reached.reduce((sum, count) => sum + count, 0) / groups / modes.length;
}

/** Of two different points. */
function meanDistance(points: readonly Point[]): number {
  let sum = 0;
  for (const [i, [x, y]] of points.entries()) {
    for (const [u, v] of points.slice(0, i)) sum += Math.hypot(x - u, y - v);
  }
  return sum / ((points.length * (points.length - 1)) / 2);
}
