/** The two losses that memories give: Minimax diffusion's criteria (Gu et al. 2024), kept by paper 000. */
import { type Tensor, tf, withoutGradients } from '../../engine';
import type { Memories, MemoryKind } from './memories';

export type MemoryLosses = {
  /**
   * Representativeness: mean over the batch's classes of 1 - min cos(x̂, r), the minimum over all predictions x̂ of the
   * class and all its real latents r. A scalar.
   */
  real: Tensor;
  /** Diversity: mean over the batch's classes of max cos(x̂, g), over all predictions and generated latents g. A scalar. */
  generated: Tensor;
};

/**
 * Each class gives one number [K: the released code]: the extreme over both axes, not one per prediction. A class
 * without a memory yet adds nothing to the sum, but counts in the mean. Gradients flow only into the predictions.
 * @param predicted x̂_0 [N,...], unclipped
 * @param labels class of each
 */
export function memoryLosses(predicted: Tensor, labels: ArrayLike<number>, memories: Memories): MemoryLosses {
  if (predicted.shape[0] !== labels.length) {
    throw new Error(`Expected a label for each of ${predicted.shape[0]} predictions, got ${labels.length}.`);
  }
  return tf.tidy(() => {
    const flat = tf.reshape(predicted, [labels.length, -1]);
    const units = tf.div(flat, tf.sqrt(tf.sum(tf.square(flat), 1, true)));
    const classes = [...new Set(Array.from(labels))];
    const mean = (kind: MemoryKind, loss: (cosines: Tensor) => Tensor): Tensor => {
      const terms = classes.flatMap((label) => {
        const memory = memories.of(kind, label);
        if (!memory) return [];
        const ofClass = Array.from(labels).flatMap((other, i) => (other === label ? [i] : []));
        const rows = tf.gather(units, tf.tensor1d(ofClass, 'int32'));
        return [loss(tf.matMul(rows as never, memory.unitVectors(), false, true))];
      });
      return terms.length === 0 ? tf.scalar(0) : tf.div(tf.addN(terms), classes.length);
    };
    return {
      real: mean('real', (cosines) => tf.sub(1, extreme(cosines, tf.min))),
      generated: mean('generated', (cosines) => extreme(cosines, tf.max)),
    };
  });
}

/** The smallest or largest value; equal ones share the gradient evenly, as in PyTorch (in tfjs each gets the whole). */
function extreme(values: Tensor, of: typeof tf.min): Tensor {
  const reached = withoutGradients(() => tf.cast(tf.equal(values, of(values)), 'float32'));
  return tf.div(tf.sum(tf.mul(values, reached)), tf.sum(reached));
}
