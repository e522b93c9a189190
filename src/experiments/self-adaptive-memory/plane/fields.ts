/** Where points of the plane are pushed: by the denoiser while they are drawn, by the memories while it is trained. */
import { samplerSteps } from '../../../diffusion';
import { type Tensor, tf } from '../../../engine';
import { type Memories, memoryLosses } from '../../../methods';
import type { DiT } from '../../../models';
import type { Point } from './density';
import { pointsOf, schedule } from './prior';

/** Part of the plane that is drawn. */
export const extent = { x: [-2.4, 2.4], y: [-1.5, 2.3] } as const;

/** Places of a grid, from below to above. */
export function gridOf(columns: number, rows: number): Point[] {
  const place = ([from, to]: readonly [number, number], i: number, count: number): number =>
    from + ((to - from) * (i + 0.5)) / count;
  return Array.from({ length: columns * rows }, (_, i) => [
    place(extent.x, i % columns, columns),
    place(extent.y, Math.floor(i / columns), rows),
  ]);
}

/** Timesteps that the paths visit, the noisiest first. */
export const visited = (steps: number): number[] => samplerSteps(schedule, steps).map(({ timestep }) => timestep);

/** −ε_θ(z, t) at each place: the direction of the score ∇ log p_t(z), times √(1 − α̅_t). */
export function denoisingField(dit: DiT, places: readonly Point[], timestep: number): Point[] {
  const noise = tf.tidy(() => {
    const at = tf.tensor4d(places.flat(), [places.length, 1, 1, 2]);
    const { sample } = dit.forward(at, timestep, tf.zeros([places.length], 'int32'));
    return tf.neg(tf.split(sample, 2, 3)[0]!);
  });
  const field = pointsOf(noise.dataSync<'float32'>());
  noise.dispose();
  return field;
}

/** −∇ (λ_r L_real + λ_g L_gen) for one generated point at each place, against what the memories hold. */
export function memoryField(
  memories: Memories,
  places: readonly Point[],
  { lambdaReal, lambdaGenerated }: { lambdaReal: number; lambdaGenerated: number },
): Point[] {
  const descent = tf.grad((predicted: Tensor) => {
    const { real, generated } = memoryLosses(predicted, [0], memories);
    return tf.neg(tf.add(tf.mul(real, lambdaReal), tf.mul(generated, lambdaGenerated)));
  });
  return places.flatMap((place) => {
    const gradient = tf.tidy(() => descent(tf.tensor2d([...place], [1, 2])));
    const [direction] = pointsOf(gradient.dataSync<'float32'>());
    gradient.dispose();
    return [direction!];
  });
}
