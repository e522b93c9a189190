/** Embedding of timesteps (Ho et al. 2020, after Vaswani et al. 2017). */
import { type RandomStream, silu, type Tensor, tf } from '../engine';
import { type InitialWeights, Linear } from './layers';
import { Module } from './module';

/** Timesteps as schedule indices 0 … T-1: one for all, one per item, or a tensor of shape [N] or []. */
export type Timesteps = number | readonly number[] | Int32Array | Tensor;

/** Timesteps as float32 [batch]. @throws if there are neither one nor `batch` of them */
export function timestepTensor(timesteps: Timesteps, batch: number): Tensor {
  if (typeof timesteps === 'number') return tf.fill([batch], timesteps);
  const tensor =
    timesteps instanceof tf.Tensor ? tf.cast(timesteps, 'float32') : tf.tensor1d(Array.from(timesteps), 'float32');
  if (tensor.size === 1) return tf.tile(tf.reshape(tensor, [1]), [batch]);
  if (tensor.rank === 1 && tensor.size === batch) return tensor;
  throw new Error(`Expected one timestep, or ${batch} (one per item), got shape [${tensor.shape}].`);
}

export interface SinusoidOptions {
  /** Length of the vector. */
  size: number;
  /** cos before sin. */
  flipSinToCos: boolean;
  /** Subtracted from the number of frequencies in the exponent's denominator: 0 in SD, 1 in DDPM. */
  frequencyShift: number;
}

/** Sines and cosines of t at frequencies from 1 to 1/10,000. timesteps float32 [N] → [N,size] */
export function sinusoids(timesteps: Tensor, { size, flipSinToCos, frequencyShift }: SinusoidOptions): Tensor {
  return tf.tidy(() => {
    const half = Math.floor(size / 2);
    const frequencies = Array.from({ length: half }, (_, i) =>
      Math.exp((-Math.log(10000) * i) / (half - frequencyShift)),
    );
    const angles = tf.mul(tf.expandDims(timesteps, 1), tf.tensor2d(frequencies, [1, half])); // [N,half]
    const waves = flipSinToCos ? [tf.cos(angles), tf.sin(angles)] : [tf.sin(angles), tf.cos(angles)];
    if (size % 2 === 1) waves.push(tf.zeros([timesteps.shape[0]!, 1]));
    return tf.concat(waves, 1);
  });
}

/** Two dense layers with SiLU between. */
export class TimestepEmbedding extends Module {
  readonly linear_1: Linear;
  readonly linear_2: Linear;

  constructor(options: { in: number; out: number; initial?: InitialWeights }, init?: RandomStream) {
    super();
    this.linear_1 = new Linear(options, init);
    this.linear_2 = new Linear({ ...options, in: options.out }, init);
  }

  /** [N,in] → [N,out] */
  forward(x: Tensor): Tensor {
    return tf.tidy(() => this.linear_2.forward(silu(this.linear_1.forward(x))));
  }
}
