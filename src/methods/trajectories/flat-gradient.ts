/** Gradients that lead to flat minima: GSAM (Zhuang et al., ICLR 2022), as FTD (Du et al., CVPR 2023) trains its experts. */
import { lossAndGradients, type NamedGradients, type NamedVariables, type Tensor, tf } from '../../engine';

export interface FlatOptions {
  /** How far the weights climb, relative to themselves (adaptive SAM). */
  rho: number;
  /** α: share of g's component orthogonal to g′ that is subtracted. */
  alpha: number;
}

/**
 * Computes g′ − α (g − g's projection on g′), where g is the gradient at w and g′ the one at w + e, with
 * e = ρ w² g / ‖|w| g‖. Restores the weights.
 * @returns the loss at w, and a gradient per variable for an optimiser's `apply`
 */
export function flatGradients(
  variables: NamedVariables,
  loss: () => Tensor,
  { rho, alpha }: FlatOptions,
): { loss: Tensor; gradients: NamedGradients } {
  const names = Object.keys(variables);
  const first = lossAndGradients(variables, loss);
  const before = names.map((name) => tf.clone(variables[name]!));
  tf.tidy(() => {
    const length = norm(names.map((name) => tf.mul(tf.abs(variables[name]!), first.gradients[name]!)));
    const scale = tf.div(rho, tf.add(length, TINY));
    for (const [k, name] of names.entries()) {
      const climb = tf.mul(tf.mul(first.gradients[name]!, scale), tf.square(before[k]!));
      variables[name]!.assign(tf.add(before[k]!, climb));
    }
  });
  const second = lossAndGradients(variables, loss);
  for (const [k, name] of names.entries()) variables[name]!.assign(before[k]!);
  const gradients = tf.tidy(() => {
    const [from, to] = [first, second].map(({ gradients }) => names.map((name) => gradients[name]!)) as [
      Tensor[],
      Tensor[],
    ];
    const [fromLength, toLength] = [norm(from), norm(to)];
    const product = tf.addN(from.map((g, k) => tf.sum(tf.mul(g, to[k]!))));
    const cosine = tf.div(product, tf.add(tf.mul(fromLength, toLength), TINY));
    const along = tf.div(tf.mul(cosine, fromLength), tf.add(toLength, TINY));
    return Object.fromEntries(
      names.map((name, k) => {
        const across = tf.sub(from[k]!, tf.mul(to[k]!, along));
        return [name, tf.sub(to[k]!, tf.mul(across, alpha))];
      }),
    );
  });
  tf.dispose([first.gradients, second.gradients, second.loss, before]);
  return { loss: first.loss, gradients };
}

const TINY = 1e-12;

const norm = (tensors: readonly Tensor[]): Tensor => tf.sqrt(tf.addN(tensors.map((x) => tf.sum(tf.square(x)))));
