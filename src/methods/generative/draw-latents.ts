/** Latents of one class drawn from a prior, a batch at a time: the loop that the generative methods share. */
import { type SampleOptions, sample } from '../../diffusion';
import { type Tensor, tf } from '../../engine';
import type { ConditionedPrior } from './conditioned-prior';

/** How the latents of a class are drawn, apart from what differs from image to image. */
export interface DrawOptions
  extends Pick<SampleOptions, 'guidance' | 'guidanceOn' | 'sampler' | 'steps' | 'spacing' | 'signal'> {
  className: string;
  /** Number of the first latent. Default 0. */
  first?: number;
  /** Number of latents. */
  count: number;
  seed: number;
  /** Images per pass; affects images only by rounding. */
  batch: number;
}

/** What differs from image to image. */
export type DrawChanges = Pick<SampleOptions, 'from' | 'start' | 'onStep'>;

/** Name of image k of a class, from which its noise is derived. */
export const itemName = (className: string, k: number): string => `${className}, image ${k}`;

/**
 * Latents [count,H,W,C]; each depends only on seed, class and number.
 * @param changesOf where images `start` … `start + size - 1` start, or what guides them; tensors are freed after the
 *   batch
 */
export async function drawLatents(
  prior: ConditionedPrior,
  { className, first = 0, count, seed, batch, ...options }: DrawOptions,
  changesOf: (start: number, size: number) => DrawChanges = () => ({}),
): Promise<Tensor> {
  const { denoiser, schedule, latentSize, guidanceOn } = prior;
  const drawn: Tensor[] = [];
  try {
    for (let start = 0; start < count; start += batch) {
      const size = Math.min(batch, count - start);
      const conditions = prior.conditionsOf(className, size);
      const changes = changesOf(start, size);
      const items = Array.from({ length: size }, (_, i) => itemName(className, first + start + i));
      try {
        const fixed = { denoiser, schedule, size: [latentSize, latentSize], noise: { seed, items } } as const;
        drawn.push(await sample({ ...fixed, guidanceOn, ...conditions, ...options, ...changes }));
      } finally {
        tf.dispose([conditions, changes.from?.latents, changes.start?.latents]);
      }
    }
    return tf.tidy(() => tf.concat(drawn, 0));
  } finally {
    tf.dispose(drawn);
  }
}
