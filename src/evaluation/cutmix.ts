/** CutMix (Yun et al. 2019), as both protocols use it: one box and one permutation for the whole batch. */
import type { Box } from '../datasets';
import { type RandomStream, type Tensor, tf } from '../engine';

export interface CutMixDraw {
  /** Pixels taken from the partner; may be empty. */
  box: Box;
  /** Partner of each image. */
  partners: Int32Array;
  /** Share of the image's own pixels: 1 − box area / image area. */
  own: number;
}

/** The box of side 2·⌊size·√(1 − λ)/2⌋ around a uniform centre, clipped; λ from Beta(alpha, alpha). */
export function drawCutMix(
  random: RandomStream,
  { count, size, alpha }: { count: number; size: number; alpha: number },
): CutMixDraw {
  const partners = random.permutation(count);
  const half = Math.floor(Math.trunc(size * Math.sqrt(1 - symmetricBeta(random, alpha))) / 2);
  const [y, x] = [random.integer(size), random.integer(size)];
  const clip = (value: number): number => Math.min(size, Math.max(0, value));
  const [top, left] = [clip(y - half), clip(x - half)];
  const box = { top, left, height: clip(y + half) - top, width: clip(x + half) - left };
  return { box, partners, own: 1 - (box.height * box.width) / size ** 2 };
}

/** Beta(alpha, alpha) by Jöhnk's method, alpha in (0, 2]. */
function symmetricBeta(random: RandomStream, alpha: number): number {
  if (!(alpha > 0 && alpha <= 2)) throw new Error(`Expected alpha of CutMix in (0, 2], got ${alpha}.`);
  if (alpha === 1) return random.uniform();
  for (;;) {
    const [a, b] = [random.uniform() ** (1 / alpha), random.uniform() ** (1 / alpha)];
    if (a + b > 0 && a + b <= 1) return a / (a + b);
  }
}

/** [N,S,S,3] with the box filled from each image's partner. */
export function cutMix(images: Tensor, { box, partners }: CutMixDraw): Tensor {
  const [, size] = images.shape as [number, number];
  const { top, left, height, width } = box;
  if (height * width === 0) return tf.clone(images);
  return tf.tidy(() => {
    const inside = tf.pad(tf.ones([height, width, 1]), [
      [top, size - top - height],
      [left, size - left - width],
      [0, 0],
    ]);
    return tf.where(tf.cast(inside, 'bool'), tf.gather(images, tf.tensor1d(partners, 'int32')), images);
  });
}
