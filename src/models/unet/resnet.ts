/** Residual blocks and resampling of UNet2DConditionModel and AutoencoderKL. */
import { type RandomStream, resizeNearest, type Tensor, tf } from '../../engine';
import { Conv2d, GroupNorm, Linear } from '../layers';
import { Module } from '../module';

export interface ResnetOptions {
  in: number;
  out: number;
  groups: number;
  epsilon: number;
  /** Size of the time embedding; absent in an autoencoder. */
  time?: number;
  /** The sum is divided by this. Default 1. */
  outputScale?: number;
}

/** diffusers' ResnetBlock2D with the time embedding added between the convolutions (Ho et al. 2020, appendix B). */
export class ResnetBlock2D extends Module {
  readonly norm1: GroupNorm;
  readonly conv1: Conv2d;
  readonly time_emb_proj: Linear | undefined;
  readonly norm2: GroupNorm;
  readonly conv2: Conv2d;
  readonly conv_shortcut: Conv2d | undefined;
  private readonly outputScale: number;

  constructor({ in: input, out, groups, epsilon, time, outputScale = 1 }: ResnetOptions, init?: RandomStream) {
    super();
    this.norm1 = new GroupNorm({ groups, channels: input, epsilon, activation: 'silu' }, init);
    this.conv1 = new Conv2d({ in: input, out, kernel: 3 }, init);
    this.time_emb_proj = time === undefined ? undefined : new Linear({ in: time, out }, init);
    this.norm2 = new GroupNorm({ groups, channels: out, epsilon, activation: 'silu' }, init);
    this.conv2 = new Conv2d({ in: out, out, kernel: 3 }, init);
    this.conv_shortcut = input === out ? undefined : new Conv2d({ in: input, out, kernel: 1 }, init);
    this.outputScale = outputScale;
  }

  /** x [N,H,W,in], time: SiLU(time embedding) [N,D] → [N,H,W,out] */
  forward(x: Tensor, time?: Tensor): Tensor {
    return tf.tidy(() => {
      let h = this.conv1.forward(this.norm1.forward(x));
      if (this.time_emb_proj && time) {
        h = tf.add(h, tf.expandDims(tf.expandDims(this.time_emb_proj.forward(time), 1), 1)); // [N,1,1,out]
      }
      h = this.conv2.forward(this.norm2.forward(h));
      const sum = tf.add(this.conv_shortcut ? this.conv_shortcut.forward(x) : x, h);
      return this.outputScale === 1 ? sum : tf.div(sum, this.outputScale);
    });
  }
}

/** Halves the size by a strided convolution. Padding 0 pads one pixel at the bottom and right, as in autoencoders. */
export class Downsample2D extends Module {
  readonly conv: Conv2d;

  constructor({ channels, padding }: { channels: number; padding: number }, init?: RandomStream) {
    super();
    const sides: [number, number] = padding === 0 ? [0, 1] : [padding, padding];
    this.conv = new Conv2d({ in: channels, out: channels, kernel: 3, stride: 2, padding: [sides, sides] }, init);
  }

  /** [N,H,W,C] → [N,H/2,W/2,C] */
  forward(x: Tensor): Tensor {
    return this.conv.forward(x);
  }
}

/** Nearest-neighbour enlargement, then a convolution. */
export class Upsample2D extends Module {
  readonly conv: Conv2d;

  constructor({ channels }: { channels: number }, init?: RandomStream) {
    super();
    this.conv = new Conv2d({ in: channels, out: channels, kernel: 3 }, init);
  }

  /** [N,H,W,C] → [N,H',W',C]; `size` [H',W'] is twice the input's unless given (odd sizes). */
  forward(x: Tensor, size?: readonly [number, number]): Tensor {
    return tf.tidy(() => {
      const [, height, width] = x.shape as [number, number, number, number];
      const [h, w] = size ?? [2 * height, 2 * width];
      return this.conv.forward(resizeNearest(x, [h, w]));
    });
  }
}
