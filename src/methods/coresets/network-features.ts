/** What a classifier sees in an image: the input of its last linear layer. */
import { type Tensor, tf, watchOperations } from '../../engine';
import type { Observer } from '../rded';

export interface NetworkAnswer {
  /** One vector per image: what the last linear layer gets. */
  features: Float32Array[];
  /** One vector per image, one value per class. */
  logits: Float32Array[];
}

/**
 * Runs a network in evaluation mode. Whatever its architecture, its last dense operation counts as its classifier.
 * @param images normalised [N,S,S,3]
 * @throws when the network doesn't end in a linear layer on vectors
 */
export function askNetwork(network: Observer['network'], images: Tensor): NetworkAnswer {
  network.eval();
  return tf.tidy(() => {
    let last: Tensor | undefined;
    const logits = watchOperations(
      ({ operation, inputs }) => {
        if (operation !== 'dense') return;
        last?.dispose();
        // Kept, because the network's own tidy would free it.
        last = tf.keep(tf.clone(inputs.x!));
      },
      () => network.forward(images),
    );
    try {
      if (last?.rank !== 2 || last.shape[0] !== images.shape[0]) {
        const seen = last ? `one on [${last.shape}]` : 'none';
        throw new Error(`Expected a network that ends in a linear layer on one vector per image, found ${seen}.`);
      }
      return { features: rowsOf(last), logits: rowsOf(logits) };
    } finally {
      last?.dispose();
    }
  });
}

function rowsOf(matrix: Tensor): Float32Array[] {
  const [rows, columns] = matrix.shape as [number, number];
  const values = matrix.dataSync<'float32'>();
  return Array.from({ length: rows }, (_, row) => values.slice(row * columns, (row + 1) * columns));
}
