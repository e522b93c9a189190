/** What is compared in the plane: the prior as it is, and fine-tuned by each method at each strength of the memory losses. */
import type { FineTuningSettings } from '../../../methods';
import { type BoundStage, type RunOptions, run } from '../../../sweeps';
import { type DrawnInThePlane, drawnInThePlane, priorInThePlane } from './stages';

export type PlaneMethod = 'DiT' | 'diffusion loss alone' | 'Minimax' | 'self-adaptive memory';

/** A method at a strength. */
export interface PlanePlace {
  method: PlaneMethod;
  /** Multiple of the released λ_r and λ_g; 0 where there are no memory losses. */
  strength: number;
}

/** The released weights, and a hundred times them: there λ_g is above the diffusion loss, and a short training shows the push. */
export const strengths = [1, 100] as const;

export const planePlaces: readonly PlanePlace[] = [
  { method: 'DiT', strength: 0 },
  { method: 'diffusion loss alone', strength: 0 },
  ...strengths.flatMap((strength) => [
    { method: 'Minimax' as const, strength },
    { method: 'self-adaptive memory' as const, strength },
  ]),
];

export const planeSeeds = [0, 1, 2] as const;

/** Points sampled from each prior; paths are kept for as many as a small distilled class has images. */
export const DRAWN = 400;
const PATHS = 10;
const SAMPLER_STEPS = 25;

/** A place with what was drawn there under one seed, of fine-tuning and noise alike. */
export interface PlaneRun extends PlanePlace {
  seed: number;
  drawn: DrawnInThePlane;
}

/** The runs of all places and seeds, or of some; what the store holds is read. */
export async function planeRuns({
  strength,
  seeds = planeSeeds,
  ...options
}: RunOptions & { strength?: number; seeds?: readonly number[] } = {}): Promise<PlaneRun[]> {
  const places = planePlaces.filter((place) => strength === undefined || [0, strength].includes(place.strength));
  const asked = places.flatMap((place) => seeds.map((seed) => ({ ...place, seed })));
  const { output } = await run(asked.map(bound), options);
  return asked.map((one, i) => ({ ...one, drawn: output[i]! }));
}

function bound({ method, strength, seed }: PlanePlace & { seed: number }): BoundStage<DrawnInThePlane> {
  const prior = priorInThePlane.bind({ steps: 1200 });
  const fineTuning = method === 'DiT' ? null : tuning(method, { strength, seed });
  const drawn = { count: DRAWN, paths: PATHS, steps: SAMPLER_STEPS };
  // The prior as it is has a seed too: that of the noise.
  return drawnInThePlane.bind({ fineTuning, seed, ...drawn }, { inputs: { prior } });
}

/** The released settings but for length: 150 steps, its weights unaveraged, as the average would hold the prior's. */
const tuning = (
  method: PlaneMethod,
  { strength, seed }: { strength: number; seed: number },
): Partial<FineTuningSettings> => ({
  policy: method === 'self-adaptive memory' ? 'self-adaptive' : 'fifo',
  lambdaReal: 0.002 * strength,
  lambdaGenerated: 0.008 * strength,
  steps: 150,
  emaDecay: null,
  mirror: false,
  seed,
});
