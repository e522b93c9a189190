/** DiffFit (Xie et al. 2023) as in Minimax diffusion: only biases, the class embedding and new scales are trained. */
import { type Tensor, tf } from '../../engine';
import type { Linear } from '../layers';
import { Parameter } from '../module';
import type { DiT } from './dit';
import { originalName } from './names';

/**
 * A parameter is trained if its name in the original code contains one of these [K: the released train_dit.py]. 'norm'
 * matches none, as DiT's norms have no parameters.
 */
export const DIFFFIT_NAMES: readonly string[] = ['bias', 'norm', 'gamma', 'y_embed'];

/** Whether a DiT's parameter is trained, given diffusers' name. The rule is applied to the original's name. */
export const isDiffFitTrainable = (name: string): boolean =>
  DIFFFIT_NAMES.some((part) => originalName(name).includes(part));

/**
 * Adds scales, initialised to one, to the first `blocks` blocks: for queries, keys and values, the attention's output
 * and both gates. Default: the first half, 14 of 28 in DiT-XL/2 [K].
 */
export function addGammas(dit: DiT, { blocks = Math.floor(dit.transformer_blocks.length / 2) } = {}): void {
  const width = dit.config.num_attention_heads * dit.config.attention_head_dim;
  const ones = (size: number): Parameter => new Parameter([size], { fill: (values) => void values.fill(1) });
  for (const block of dit.transformer_blocks.slice(0, blocks)) {
    block.attn1.gamma1 = ones(3 * width);
    block.attn1.gamma2 = ones(width);
    block.gamma1 = ones(width);
    block.gamma2 = ones(width);
  }
}

/** Folds the scales into the layers before them and removes them: the same function with diffusers' parameters. */
export function foldGammas(dit: DiT): void {
  for (const { attn1, norm1, ...block } of dit.transformer_blocks) {
    const gammas = [attn1.gamma1, attn1.gamma2, block.gamma1, block.gamma2];
    if (!gammas.every((gamma) => gamma !== undefined)) continue;
    const [projections, output, gate1, gate2] = gammas as [Parameter, Parameter, Parameter, Parameter];
    tf.tidy(() => {
      const parts = tf.split(projections.value, 3) as [Tensor, Tensor, Tensor];
      for (const [i, layer] of [attn1.to_q, attn1.to_k, attn1.to_v].entries()) scaleOutputs(layer, parts[i]!);
      scaleOutputs(attn1.to_out[0]!, output.value);
      const one = tf.onesLike(gate1.value);
      // Shift, scale, gate of the attention; shift, scale, gate of the feed-forward.
      scaleOutputs(norm1.linear, tf.concat([one, one, gate1.value, one, one, gate2.value]));
    });
    for (const gamma of gammas) gamma!.dispose();
  }
  for (const block of dit.transformer_blocks) {
    for (const part of [block, block.attn1]) [part.gamma1, part.gamma2] = [undefined, undefined];
  }
}

function scaleOutputs({ weight, bias }: Linear, factor: Tensor): void {
  for (const parameter of [weight, bias]) {
    const scaled = parameter && tf.mul(parameter.value, factor);
    if (scaled) parameter.value.assign(scaled as never);
  }
}
