/** Gradient clipping. */
import type { NamedGradients } from '../gradients';
import { mul } from '../ops/elementary';
import { executeRaw, F32 } from '../raw';
import { type Scalar, type Tensor, tf } from '../tensorflow';

/**
 * Scales all gradients together so that their norm is at most `maxNorm`; PyTorch's `clip_grad_norm_`. Frees those given.
 * @param maxNorm largest Euclidean norm over all gradients, > 0
 * @returns the clipped gradients and the norm before.
 */
export function clipByGlobalNorm(
  gradients: NamedGradients,
  maxNorm: number,
): { gradients: NamedGradients; norm: Scalar } {
  if (!(maxNorm > 0)) throw new Error(`clipByGlobalNorm: expected \`maxNorm\` to be a number > 0, got ${maxNorm}.`);
  return tf.tidy(() => {
    const names = Object.keys(gradients);
    const halves = names.map((name) => executeRaw('L2Loss', [F32], [gradients[name]!])); // ½ Σ g²
    const norm = tf.sqrt(tf.mul(tf.addN(halves.length > 0 ? halves : [tf.scalar(0)]), 2)) as Scalar;
    const factor = tf.minimum(tf.div(maxNorm, tf.add(norm, 1e-6)), 1);
    const clipped: Record<string, Tensor> = {};
    for (const name of names) {
      clipped[name] = mul(gradients[name]!, factor);
      gradients[name]!.dispose();
    }
    return { gradients: clipped, norm };
  });
}
