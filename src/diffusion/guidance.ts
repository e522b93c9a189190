/** Classifier-free guidance (Ho & Salimans 2022): moves the conditional prediction away from the unconditional one. */
import { type Tensor, tf } from '../engine';
import type { Denoiser } from '../models';

/** A denoiser, its condition and the strength of the guidance. */
export interface GuidedDenoiser {
  denoiser: Denoiser;
  /** The condition of each item: text states [N,L,D], or labels int32 [N]. */
  condition: Tensor;
  /** The unconditional input, one for all items or one per item: the null prompt's states, or the null class. */
  nullCondition?: Tensor | undefined;
  /** ε = ε_null + guidance · (ε_condition - ε_null). Default: 1, which is ε_condition and needs no null condition. */
  guidance?: number;
  /**
   * Channels that are guided: all, or the first three latent channels, as in the original DiT and the methods built on
   * it. The other channels, and a learned variance, are the conditional prediction's. Default: 'all'.
   */
  guidanceOn?: 'all' | 'three';
}

/** The guided output of the denoiser for latents [N,H,W,C] at a timestep; one pass computes both predictions. */
export function guidedOutput(
  { denoiser, condition, nullCondition, guidance = 1, guidanceOn = 'all' }: GuidedDenoiser,
  latents: Tensor,
  timestep: number,
): Tensor {
  if (guidance === 1) return denoiser.forward(latents, timestep, condition).sample;
  const nulls = forEachItem(nullCondition!, latents.shape[0]!);
  const both = denoiser.forward(tf.concat([latents, latents], 0), timestep, tf.concat([nulls, condition], 0)).sample;
  const [without, under] = tf.split(both, 2, 0) as [Tensor, Tensor];
  const guide = (a: Tensor, b: Tensor): Tensor => tf.add(a, tf.mul(tf.sub(b, a), guidance));
  const led = guidanceOn === 'all' ? latents.shape.at(-1)! : 3;
  const rest = under.shape.at(-1)! - led;
  if (rest === 0) return guide(without, under);
  const [led0, led1] = [without, under].map((x) => tf.slice(x, [0, 0, 0, 0], [-1, -1, -1, led])) as [Tensor, Tensor];
  return tf.concat([guide(led0, led1), tf.slice(under, [0, 0, 0, led], [-1, -1, -1, rest])], -1);
}

/** Repeats a condition of one item for `count` items; returns any other unchanged. */
function forEachItem(condition: Tensor, count: number): Tensor {
  if (condition.shape[0] === count) return condition;
  return tf.tile(condition, [count, ...condition.shape.slice(1).fill(1)]);
}
