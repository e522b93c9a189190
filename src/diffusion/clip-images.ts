/** Preprocessing of images for CLIP's image encoder. */
import { avgPool2d, resizeBilinear, type Tensor, tf } from '../engine';

/** Mean and standard deviation per channel, for pixel values 0 … 1. */
export interface ImageNormalisation {
  mean: readonly number[];
  deviation: readonly number[];
}

/** The normalisation of OpenAI's published encoders. */
export const OPENAI_NORMALISATION: ImageNormalisation = {
  mean: [0.48145466, 0.4578275, 0.40821073],
  deviation: [0.26862954, 0.26130258, 0.27577711],
};

/** The normalisation of the encoders trained here: values in -1 … 1, as for the autoencoder. */
export const SIGNED_NORMALISATION: ImageNormalisation = { mean: [0.5, 0.5, 0.5], deviation: [0.5, 0.5, 0.5] };

/**
 * The central square of images in -1 … 1, resized (first average-pooled by the whole factor, then bilinear) and
 * normalised. [N,H,W,3] → [N,side,side,3]
 */
export function normaliseForClip(images: Tensor, side: number, { mean, deviation }: ImageNormalisation): Tensor {
  return tf.tidy(() => {
    const [batch, height, width, channels] = images.shape as [number, number, number, number];
    const edge = Math.min(height, width);
    const start = [0, Math.floor((height - edge) / 2), Math.floor((width - edge) / 2), 0];
    const square = height === width ? images : tf.slice(images, start, [batch, edge, edge, channels]);
    const factor = Math.floor(edge / side);
    const shrunk = factor > 1 ? avgPool2d(square, { size: factor }) : square;
    const resized = shrunk.shape[1] === side ? shrunk : resizeBilinear(shrunk, [side, side]);
    const unit = tf.div(tf.add(resized, 1), 2);
    return tf.div(tf.sub(unit, tf.tensor1d([...mean])), tf.tensor1d([...deviation]));
  });
}
