/** A diffusion prior of points: the DiT of the other experiments, on latents of one position and two channels. */
import { type ImageLatents, LEARNED_VARIANCE_SCHEDULE, NoiseSchedule, sample, trainDit } from '../../../diffusion';
import { gaussianNoise, type LongTask, tf } from '../../../engine';
import { DiT, type StoredTensor } from '../../../models';
import { drawPoints, type Point } from './density';

export const schedule = new NoiseSchedule(LEARNED_VARIANCE_SCHEDULE);

/** 35,000 parameters. Of one token attention leaves a linear layer, so that it is a network of fully connected layers. */
const shape = {
  num_attention_heads: 2,
  attention_head_dim: 16,
  num_layers: 2,
  in_channels: 2,
  out_channels: 4,
  sample_size: 1,
  patch_size: 1,
  num_embeds_ada_norm: 1,
  tie_embeddings: true,
} as const;

/** Named weights. */
export type Weights = Readonly<Record<string, StoredTensor>>;

/** Points as the latents of images; they are what they are, so their posteriors have no deviation. */
export function asLatents(points: readonly Point[]): ImageLatents {
  return {
    mean: Float32Array.from(points.flat()),
    deviation: new Float32Array(2 * points.length),
    shape: [points.length, 1, 1, 2],
    labels: new Int32Array(points.length),
    ids: points.map((_, i) => `point ${i}`),
    mirrored: undefined,
  };
}

/** The points that a prior is trained and fine-tuned on. */
export const trainingPoints = (): Point[] => drawPoints(800, { seed: 0 });

/** Trains the prior that all methods start from. */
export async function trainPlanePrior({ steps, ...task }: LongTask & { steps: number }): Promise<Weights> {
  const dit = new DiT(shape, { seed: 0 });
  try {
    const settings = { seed: 0, batch: 128, learningRate: 2e-3, emaDecay: 0.995, classDropout: 0.1 };
    await trainDit(dit, asLatents(trainingPoints()), { ...settings, schedule, steps, ...task });
    return Object.fromEntries(await dit.stateDict());
  } finally {
    dit.dispose();
  }
}

/** A prior of these weights, the caller's to dispose. */
export function planePrior(weights: Weights): DiT {
  return new DiT(shape).load({ keys: () => Object.keys(weights), get: (name) => weights[name] });
}

/** The path of each point from noise to where it ends, steps + 1 states: DDIM, so that one noise makes one path. */
export async function drawPaths(
  dit: DiT,
  { count, steps, seed, signal }: { count: number; steps: number; seed: number } & Pick<LongTask, 'signal'>,
): Promise<Point[][]> {
  const items = Array.from({ length: count }, (_, i) => `point ${i}`);
  const paths = items.map((item) => pointsOf(gaussianNoise({ seed, item, timestep: schedule.timesteps, size: 2 })));
  const condition = tf.zeros([count], 'int32');
  try {
    const last = await sample({
      denoiser: dit,
      schedule,
      condition,
      size: [1, 1],
      noise: { seed, items },
      steps,
      signal,
      onStep({ latents }) {
        for (const [i, point] of pointsOf(latents.dataSync<'float32'>()).entries()) paths[i]!.push(point);
        return undefined;
      },
    });
    last.dispose();
    return paths;
  } finally {
    condition.dispose();
  }
}

/** x, y, x, y … as points. */
export const pointsOf = (values: ArrayLike<number>): Point[] =>
  Array.from({ length: values.length / 2 }, (_, i) => [values[2 * i]!, values[2 * i + 1]!]);
