/** The plane's stages: a prior that all methods share, and what a fine-tuning of it makes of the same noise. */
import { z } from 'zod';
import type { LongTask } from '../../../engine';
import { fineTuningSettings, type Memories, type MemoryKind, minimaxFineTune } from '../../../methods';
import { input, stage } from '../../../sweeps';
import { denoisingField, gridOf, memoryField, visited } from './fields';
import { asLatents, drawPaths, planePrior, schedule, trainingPoints, trainPlanePrior, type Weights } from './prior';

export const priorInThePlane = stage({
  name: 'prior-in-the-plane',
  version: 1,
  code: import.meta.url,
  uses: ['./prior'],
  parameters: z.object({ steps: z.int().min(1) }),
  run: ({ signal, onProgress }, { steps }): Promise<Weights> => trainPlanePrior({ steps, signal, onProgress }),
});

/** Columns and rows of the places at which fields are taken. */
export const fineGrid = [16, 12] as const;
export const coarseGrid = [14, 10] as const;

/** A memory's points, and at which timestep each was made. */
export interface KeptPoints {
  /** x, y, x, y … */
  points: Float32Array;
  timesteps: number[];
}

/** Results of one fine-tuned prior. Points are stored as x, y, x, y … */
export interface DrawnInThePlane {
  /** Where all points end. */
  ends: Float32Array;
  /** Of the first points, from noise on; each as long as the others. */
  paths: Float32Array[];
  /** Denoising field at each state of the paths but the last, on the fine grid. */
  fields: { timestep: number; directions: Float32Array }[];
  /** Of the trained memories, where there are some: their push on the coarse grid, and what they hold. */
  memories?: { push: Float32Array } & Record<MemoryKind, KeptPoints>;
}

const drawing = z.object({
  /** null: the prior without fine-tuning. */
  fineTuning: fineTuningSettings.strict().nullable(),
  /** Points that are drawn, and those of them whose paths are kept. */
  count: z.int().min(1),
  paths: z.int().min(0),
  /** Of DDIM. */
  steps: z.int().min(1),
  seed: z.int(),
});

/** Fine-tunes a copy of the prior, if asked to, and samples points from it. */
export async function drawInThePlane(
  prior: Weights,
  { fineTuning, count, paths: kept, steps, seed }: z.output<typeof drawing>,
  { signal, onProgress }: LongTask = {},
): Promise<DrawnInThePlane> {
  const dit = planePrior(prior);
  try {
    const options = { ...fineTuning, schedule, signal, onProgress };
    const tuned = fineTuning && (await minimaxFineTune(dit, asLatents(trainingPoints()), options));
    const paths = await drawPaths(dit, { count, steps, seed, signal });
    return {
      ends: flat(paths.map((path) => path.at(-1)!)),
      paths: paths.slice(0, kept).map(flat),
      fields: visited(steps).map((timestep) => ({
        timestep,
        directions: flat(denoisingField(dit, gridOf(...fineGrid), timestep)),
      })),
      ...(tuned ? { memories: keptMemories(tuned.memories, tuned.settings) } : {}),
    };
  } finally {
    dit.dispose();
  }
}

export const drawnInThePlane = stage({
  name: 'drawn-in-the-plane',
  version: 1,
  code: import.meta.url,
  uses: ['./prior', './fields', '../../../methods/self-adaptive-memory/fine-tune'],
  parameters: drawing,
  inputs: { prior: input<Weights>() },
  run: ({ signal, onProgress }, settings, { prior }) => drawInThePlane(prior, settings, { signal, onProgress }),
});

function keptMemories(
  memories: Memories,
  weights: Parameters<typeof memoryField>[2],
): NonNullable<DrawnInThePlane['memories']> {
  const kept = (kind: MemoryKind): KeptPoints => {
    const { entries } = memories.of(kind, 0)!;
    const points = entries.map(({ latent }) => [latent[0]!, latent[1]!] as const);
    return { points: flat(points), timesteps: entries.map(({ timestep }) => timestep) };
  };
  return {
    push: flat(memoryField(memories, gridOf(...coarseGrid), weights)),
    real: kept('real'),
    generated: kept('generated'),
  };
}

const flat = (points: readonly (readonly [number, number])[]): Float32Array => Float32Array.from(points.flat());
