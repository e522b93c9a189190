/** GraNd (Paul et al., NeurIPS 2021): the images with the largest gradients of the loss, which are hard to learn. */
import { z } from 'zod';
import type { ImageDataset } from '../../datasets';
import { breathe, type LongTask, lossAndGradients, softmaxCrossEntropy, type Tensor, tf } from '../../engine';
import type { Module } from '../../models';
import { composeSet } from '../compose';
import type { DistilledSet, PatchSource } from '../distilled-set';
import { imagesForPatches, requireEnoughImages } from '../enough-images';
import type { Observer } from '../rded';
import { readSettings } from '../read-settings';
import { askNetwork } from './network-features';
import { asDistilled, BATCH, normalisedImages, wholeImage } from './whole-images';

/** What determines the set, apart from the observers. Nothing is random. */
export const grandSettings = z.object({
  imagesPerClass: z.int().min(1),
  /** Side of a distilled image and of the observers' input, pixels. Default the dataset's. */
  size: z.int().min(1).optional(),
  /** Weights whose gradient counts: 'all' as in the paper, or the 'last layer', DeepCore's approximation. */
  weights: z.enum(['all', 'last layer']).default('all'),
});

/** A trained classifier whose weights have gradients. */
export type GrandObserver = Observer & { network: Pick<Module, 'variables'> };

export type GrandOptions = z.input<typeof grandSettings> & {
  /**
   * Their norms are averaged. The paper trains ten networks for a few epochs; one fully trained network is a cheaper
   * choice.
   */
  observers: readonly GrandObserver[];
} & LongTask;

/**
 * Chooses the images of each class with the largest score: the mean over networks of ‖∇ cross entropy‖₂ with respect to
 * the weights, one image at a time, with batch norms in evaluation mode.
 * @example const set = await grandSelection(dataset, { observers: [teacher], imagesPerClass: 10 });
 * @throws when a class has too few images, or there is no observer
 */
export async function grandSelection(
  dataset: ImageDataset,
  { observers, signal, onProgress, ...options }: GrandOptions,
): Promise<DistilledSet> {
  const { imagesPerClass, weights, size = dataset.size } = readSettings(grandSettings, options, 'GraNd');
  if (observers.length === 0) throw new Error('Expected at least one observer for GraNd, got none.');
  requireEnoughImages(dataset, imagesForPatches({ imagesPerClass, factor: 1 }));
  const set = {
    method: 'GraNd',
    imagesPerClass,
    size,
    factor: 1,
    settings: { weights, networks: observers.length },
    signal,
    onProgress,
  };
  return composeSet(dataset, set, async (label, positions) => {
    const scored: (PatchSource & { score: number })[] = [];
    for (let start = 0; start < positions.length; start += BATCH) {
      await breathe(signal);
      const sources = await Promise.all(
        positions.slice(start, start + BATCH).map((image) => wholeImage(dataset, image)),
      );
      const pixels = await asDistilled(dataset, sources, { label, size });
      const scores = sources.map(() => 0);
      for (const { network, normalisation } of observers) {
        const images = normalisedImages(pixels, normalisation);
        const norms =
          weights === 'all' ? gradientNorms(network, images, label) : lastLayerNorms(network, images, label);
        for (const [k, norm] of norms.entries()) scores[k]! += norm / observers.length;
        images.dispose();
      }
      scored.push(...sources.map((source, k) => ({ ...source, score: scores[k]! })));
    }
    return scored.sort((a, b) => b.score - a.score || a.image - b.image).slice(0, imagesPerClass);
  });
}

/** ‖∇ of each image's cross entropy‖₂ with respect to all weights. @param images normalised [N,S,S,3] */
export function gradientNorms(network: GrandObserver['network'], images: Tensor, label: number): number[] {
  network.eval();
  return Array.from({ length: images.shape[0]! }, (_, k) =>
    tf.tidy(() => {
      const image = tf.slice(images, [k, 0, 0, 0], [1, ...images.shape.slice(1)]);
      const right = tf.tensor1d([label], 'int32');
      const { gradients } = lossAndGradients(network.variables(), () =>
        softmaxCrossEntropy(network.forward(image), right),
      );
      const squares = Object.values(gradients).map((gradient) => tf.sum(tf.square(gradient)));
      return Math.sqrt(tf.addN(squares).dataSync()[0]!);
    }),
  );
}

/** The same for the weights and biases of the last linear layer: ‖p − y‖ · √(1 + ‖features‖²). */
export function lastLayerNorms(network: Observer['network'], images: Tensor, label: number): number[] {
  const { features, logits } = askNetwork(network, images);
  return features.map((vector, k) => {
    const errors = softmax(logits[k]!);
    errors[label]! -= 1;
    return Math.sqrt(squares(errors) * (1 + squares(vector)));
  });
}

const squares = (values: ArrayLike<number>): number => Array.from(values).reduce((sum, value) => sum + value ** 2, 0);

function softmax(logits: Float32Array): number[] {
  const highest = Math.max(...logits);
  const powers = Array.from(logits, (logit) => Math.exp(logit - highest));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}
