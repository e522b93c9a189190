/** How far the statistics of a batch are from those that batch norms learned of real images (Yin et al. 2020; SRe2L, eq. 6). */
import { type Tensor, tf, watchOperations } from '../../engine';
import { BatchNorm2d, type Module } from '../../models';

export type Classifier = Module & { forward(images: Tensor): Tensor };

/**
 * Runs a pass in evaluation mode, and sums ‖batch mean − running mean‖₂ + ‖batch variance − running variance‖₂ of the
 * inputs of all batch norms: a differentiable scalar. Call it inside the loss of `lossAndGradients`.
 * @param images normalised [N,S,S,3]
 * @param options.firstWeight of the first batch norm of the pass; the others have 1
 * @throws where the network has no batch norm
 */
export function passWithStatistics(
  network: Classifier,
  images: Tensor,
  { firstWeight }: { firstWeight: number },
): { logits: Tensor; distance: Tensor; norms: number } {
  network.eval();
  const byWeight = new Map<Tensor, BatchNorm2d>(batchNorms(network).map((norm) => [norm.weight.value, norm]));
  const distances: Tensor[] = [];
  const watch = ({ operation, inputs }: { operation: string; inputs: Record<string, Tensor> }): void => {
    const norm = operation === 'batchNorm' ? byWeight.get(inputs.gamma!) : undefined;
    // Kept, because the network's own tidy would free it.
    if (norm) distances.push(tf.keep(distanceFrom(norm, inputs.x!)));
  };
  return tf.tidy(() => {
    try {
      const logits = watchOperations(watch, () => network.forward(images));
      const [first, ...others] = distances;
      if (!first) throw new Error('Expected a network with batch norm, whose statistics images are recovered from.');
      const distance = others.reduce((sum, one) => tf.add(sum, one), tf.mul(first, firstWeight));
      return { logits, distance, norms: distances.length };
    } finally {
      tf.dispose(distances);
    }
  });
}

function distanceFrom({ running_mean, running_var }: BatchNorm2d, x: Tensor): Tensor {
  return tf.tidy(() => {
    const { mean, variance } = tf.moments(x, [0, 1, 2]);
    return tf.add(distance(mean, running_mean.value), distance(variance, running_var.value));
  });
}

const distance = (a: Tensor, b: Tensor): Tensor => tf.sqrt(tf.sum(tf.squaredDifference(a, b)));

function batchNorms(module: Module): BatchNorm2d[] {
  const below = module.children().flatMap(([, child]) => batchNorms(child));
  return module instanceof BatchNorm2d ? [module, ...below] : below;
}
