/** Attention of many heads side by side, as networks hold them, in kernels of our own if the binding has them. */
import { attentionAttributes, hasNativeKernels } from '../native-kernels';
import { precision } from '../precision';
import { type Attribute, differentiable, executeRawMany, isRecording } from '../raw';
import { type Tensor, tf } from '../tensorflow';
import { attention } from './attention';
import { roundToBfloat16 } from './bfloat16';
import { expectFinite, expectInteger, expectRank, expectSize } from './check';

export interface MultiHeadAttentionOptions {
  /** Number of heads: equal parts of the last axis that attend separately. */
  heads: number;
  /** Factor of q · k. @default 1 / √D */
  scale?: number;
  /** A query sees only the keys at or before its own position. @default false */
  causal?: boolean;
}

/**
 * softmax(scale · q kᵀ) v of every head. In bfloat16, queries, keys and values are rounded where no gradient is wanted; our
 * kernel rounds the softmax's weights too, TensorFlow's operations don't.
 * @param q float32 [B, L, H·D]
 * @param k float32 [B, S, H·D], or [1, S, H·D] where all of the batch attend to the same (a prompt)
 * @param v float32 [B, S, H·E], or [1, S, H·E] likewise
 * @returns [B, L, H·E]
 * @throws on shapes that do not fit.
 */
export function multiHeadAttention(q: Tensor, k: Tensor, v: Tensor, options: MultiHeadAttentionOptions): Tensor {
  const { heads, causal = false } = options;
  for (const [name, tensor] of Object.entries({ q, k, v })) {
    expectRank('multiHeadAttention', name, tensor, 3);
    expectInteger('multiHeadAttention', `channels of \`${name}\` per head`, tensor.shape[2]! / heads, 1);
  }
  const batch = q.shape[0]!;
  const depth = q.shape[2]! / heads;
  const { scale = 1 / Math.sqrt(depth) } = options;
  expectFinite('multiHeadAttention', 'scale', scale);
  expectSize('multiHeadAttention', 'the last axis of `k`', k.shape[2]!, q.shape[2]!, 'the last axis of `q`');
  for (const axis of [0, 1]) {
    expectSize('multiHeadAttention', `axis ${axis} of \`v\``, v.shape[axis]!, k.shape[axis]!, `axis ${axis} of \`k\``);
  }
  if (k.shape[0] !== 1) {
    expectSize('multiHeadAttention', 'axis 0 of `k`', k.shape[0]!, batch, 'axis 0 of `q`');
  }
  if (hasNativeKernels('attention')) {
    if (!isRecording()) {
      return inOneKernel(q, k, v, attentionAttributes({ heads, scale, causal, rounded: precision() === 'bfloat16' }));
    }
    // The gradient's kernel takes keys of each item; a shared prompt's gradient is the sum over them.
    const attributes = attentionAttributes({ heads, scale, causal, rounded: false });
    return tf.tidy(() => inOneKernel(q, forAll(k, batch), forAll(v, batch), attributes));
  }
  return tf.tidy(() => {
    const factors = precision() === 'bfloat16' && !isRecording() ? [q, k, v].map(roundToBfloat16) : [q, k, v];
    const [queries, keys, values] = factors.map((x) => splitHeads(forAll(x, batch), heads)) as [Tensor, Tensor, Tensor];
    return joinHeads(attention(queries, keys, values, { scale, causal }));
  });
}

function inOneKernel(q: Tensor, k: Tensor, v: Tensor, attributes: Attribute[]): Tensor {
  return differentiable({
    name: 'attention',
    inputs: { q, k, v },
    forward(save) {
      const [y, logsums] = executeRawMany('StillhouseAttention', attributes, [q, k, v], 2) as [Tensor, Tensor];
      save(q, k, v, y, logsums);
      return y;
    },
    backward(dy, saved) {
      const gradients = executeRawMany('StillhouseAttentionGrad', attributes, [dy, ...saved], 3);
      const [dq, dk, dv] = gradients as [Tensor, Tensor, Tensor];
      return { q: () => dq, k: () => dk, v: () => dv };
    },
  });
}

/** [1, …] → [batch, …] */
const forAll = (x: Tensor, batch: number): Tensor => (x.shape[0] === batch ? x : tf.tile(x, [batch, 1, 1]));

/** [N,L,H·D] → [N,H,L,D] */
function splitHeads(x: Tensor, heads: number): Tensor {
  const [batch, length, channels] = x.shape as [number, number, number];
  return tf.transpose(tf.reshape(x, [batch, length, heads, channels / heads]), [0, 2, 1, 3]);
}

/** [N,H,L,D] → [N,L,H·D] */
function joinHeads(x: Tensor): Tensor {
  const [batch, heads, length, size] = x.shape as [number, number, number, number];
  return tf.reshape(tf.transpose(x, [0, 2, 1, 3]), [batch, length, heads * size]);
}
