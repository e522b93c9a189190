/** Colour augmentation of the IDC protocol: jitter and lighting, as one affine colour map per image. */
import { type RandomStream, type Tensor, tf } from '../engine';
import type { Normalisation } from './images';

const grey = [0.299, 0.587, 0.114] as const;
/** AlexNet's principal components of ImageNet's colours (Krizhevsky et al. 2012). */
const components = {
  values: [0.2175, 0.0188, 0.0045],
  vectors: [
    [-0.5675, 0.7192, 0.4009],
    [-0.5808, -0.0045, -0.814],
    [-0.5836, -0.6948, 0.4203],
  ],
} as const;

/**
 * Brightness, contrast and saturation each move the image by up to ± jitter towards (or away from) black, its mean grey
 * and its own grey, in random order; then lighting adds a colour. All of them are affine in the colour and leave the mean
 * grey known, so that a whole pipeline is colour · scale + offset.
 * @param images [N,S,S,3], normalised; so is the outcome
 * @returns scale [N,3,3] (from, to) and offset [N,1,3]
 */
export function colourMaps(
  images: Tensor,
  streams: readonly RandomStream[],
  { jitter, lighting }: { jitter: number; lighting: number },
  { mean, deviation }: Normalisation,
): { scale: Tensor; offset: Tensor } {
  const n = streams.length;
  const scales = new Float32Array(n * 9);
  const [fromGrey, constants] = [new Float32Array(n), new Float32Array(n * 3)];
  for (const [k, stream] of streams.entries()) {
    // colour → gain · colour + tint · grey(colour) + level · (mean grey of the image as it came)
    let [gain, tint, level, meanGrey] = [1, 0, 0, 1];
    for (const step of stream.permutation(3)) {
      const toward = stream.uniform(-jitter, jitter);
      const keep = 1 - toward;
      if (step === 2) {
        // Towards the pixel's own grey: gain·x + tint·g + level has the grey (gain + tint)·g + level.
        tint = tint + toward * gain;
        gain *= keep;
      } else {
        [gain, tint, level] = [gain * keep, tint * keep, level * keep];
        if (step === 1) level += toward * meanGrey;
        else meanGrey *= keep;
      }
    }
    const strength = components.values.map((value) => value * lighting * stream.normal());
    fromGrey[k] = level;
    for (let to = 0; to < 3; to++) {
      // Undoes the normalisation, applies the map, and normalises again.
      const light = components.vectors[to]!.reduce((sum, value, i) => sum + value * strength[i]!, 0);
      let constant = light - mean[to]!;
      for (let from = 0; from < 3; from++) {
        const weight = (from === to ? gain : 0) + tint * grey[from]!;
        scales[k * 9 + from * 3 + to] = (weight * deviation[from]!) / deviation[to]!;
        constant += weight * mean[from]!;
      }
      constants[k * 3 + to] = constant / deviation[to]!;
    }
  }
  return tf.tidy(() => {
    const averages = tf.add(tf.mul(tf.mean(images, [1, 2]), tf.tensor1d([...deviation])), tf.tensor1d([...mean]));
    const greys = tf.mul(tf.sum(tf.mul(averages, tf.tensor1d([...grey])), 1), tf.tensor1d(fromGrey)); // [N]
    const levels = tf.mul(tf.reshape(greys, [n, 1, 1]), tf.tensor1d(deviation.map((d) => 1 / d)));
    return {
      scale: tf.tensor3d(scales, [n, 3, 3]),
      offset: tf.add(tf.tensor3d(constants, [n, 1, 3]), levels),
    };
  });
}
