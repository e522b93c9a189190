/** DATM's initial images and labels: images that an expert classifies correctly, and the experts' logits for them. */
import { RandomStream, type Tensor, tf } from '../../engine';
import type { ConvNet } from '../../models';
import type { RealImages } from '../condensation/real-images';
import type { Trajectory } from './trajectory';

interface CorrectlyClassifiedOptions {
  /** Any network of the experts' architecture; its weights are overwritten. */
  network: ConvNet;
  experts: readonly Trajectory[];
  imagesPerClass: number;
  seed: number;
}

/** Images per pass of a network. */
const BATCH = 256;

/**
 * Random images of each class that the first expert classifies correctly after its last epoch; if these are too few,
 * also those of the second, and so on. An image's label is the mean logits of all experts that classify it correctly.
 * @returns positions in label order, and logits [classes · imagesPerClass, classes]
 * @throws when the experts together classify too few images of a class correctly
 */
export function correctlyClassified(
  real: RealImages,
  { network, experts, imagesPerClass, seed }: CorrectlyClassifiedOptions,
): { positions: number[]; logits: Tensor } {
  const { classes } = real.dataset;
  const pools = classes.map((_, label) =>
    real.draw(new RandomStream(seed, 'DATM', 'first images', label), label, real.byClass[label]!.length),
  );
  const chosen = classes.map((): number[] => []);
  for (const expert of experts) {
    const open = [...chosen.keys()].filter((label) => chosen[label]!.length < imagesPerClass);
    if (open.length === 0) break;
    network.load(expert.at(expert.epochs));
    for (const label of open) {
      const left = pools[label]!.filter((position) => !chosen[label]!.includes(position));
      const missing = imagesPerClass - chosen[label]!.length;
      chosen[label]!.push(...firstRight(network, real, { label, positions: left, count: missing }));
    }
  }
  const short = chosen.findIndex((positions) => positions.length < imagesPerClass);
  if (short >= 0) {
    throw new Error(
      `Expected ${imagesPerClass} images of '${classes[short]}' that an expert classifies correctly, got ${chosen[short]!.length}. Train experts for longer, or start from random images.`,
    );
  }
  const positions = chosen.flat();
  return { positions, logits: meanOfRight(network, real, { positions, experts }) };
}

/** The first `count` of these images that the network classifies correctly. */
function firstRight(
  network: ConvNet,
  real: RealImages,
  { label, positions, count }: { label: number; positions: readonly number[]; count: number },
): number[] {
  const right: number[] = [];
  for (let start = 0; start < positions.length && right.length < count; start += BATCH) {
    const some = positions.slice(start, start + BATCH);
    const told = tf.tidy(() => tf.argMax(network.forward(real.take(some, 'normalised')), 1).dataSync());
    right.push(...some.filter((_, k) => told[k] === label));
  }
  return right.slice(0, count);
}

/** Logits of each image, the mean over the experts that classify it correctly. */
function meanOfRight(
  network: ConvNet,
  real: RealImages,
  { positions, experts }: { positions: readonly number[]; experts: readonly Trajectory[] },
): Tensor {
  return tf.tidy(() => {
    const images = real.take(positions, 'normalised');
    const labels = real.labelsAt(positions);
    const each = experts.map((expert) => {
      network.load(expert.at(expert.epochs));
      const logits = network.forward(images);
      const right = tf.cast(tf.expandDims(tf.equal(tf.argMax(logits, 1), labels), 1), 'float32');
      return { sum: tf.mul(logits, right), right };
    });
    return tf.div(tf.addN(each.map(({ sum }) => sum)), tf.addN(each.map(({ right }) => right)));
  });
}
