/** Classifier-free guidance (Ho & Salimans 2022): the denoiser under a condition, led away from what it says under none. */
import { type Tensor, tf } from '../engine';
import type { Denoiser } from '../models';

/** A denoiser and what is wanted of it. */
export interface GuidedDenoiser {
  denoiser: Denoiser;
  /** What is wanted of each item, as the denoiser takes it: text states [N,L,D], or labels int32 [N]. */
  condition: Tensor;
  /** The same for 'nothing wanted', for one item or all: the null prompt's states [1,L,D], the null class [1]. */
  nullCondition?: Tensor | undefined;
  /** ε = ε_null + guidance · (ε_condition - ε_null). 1: the condition alone, without a null condition. Default 1. */
  guidance?: number;
  /**
   * Channels that are guided: all, or the first three of the latents, which the original DiT does and so do the methods
   * built on it. The others, a learned variance among them, stay the condition's. Default 'all'.
   */
  guidanceOn?: 'all' | 'three';
}

/** The denoiser's output for latents [N,H,W,C] at a timestep, both halves of the guidance in one pass. */
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

/** A condition of one item for all, or as it is. */
function forEachItem(condition: Tensor, count: number): Tensor {
  if (condition.shape[0] === count) return condition;
  return tf.tile(condition, [count, ...condition.shape.slice(1).fill(1)]);
}
