/** The block of ResNet-50 and deeper (He et al. 2016), with the stride in the 3×3 convolution, as in torchvision. */
import { type RandomStream, type Tensor, tf } from '../engine';
import { type BatchNorm2d, Conv2d, convNormRelu, type InstanceNorm2d, normOf } from './layers';
import { Module } from './module';
import type { BlockOptions } from './residual-block';

/** 1×1, 3×3 and 1×1 convolutions with a shortcut; a quarter of the output's channels inside. Torchvision's names. */
export class Bottleneck extends Module {
  /** Output channels per channel inside. */
  static readonly expansion = 4;
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm2d | InstanceNorm2d;
  readonly conv2: Conv2d;
  readonly bn2: BatchNorm2d | InstanceNorm2d;
  readonly conv3: Conv2d;
  readonly bn3: BatchNorm2d | InstanceNorm2d;
  readonly downsample: (Conv2d | BatchNorm2d | InstanceNorm2d)[] | undefined;

  constructor(
    { in: input, out, stride, norm }: Pick<BlockOptions, 'in' | 'out' | 'stride' | 'norm'>,
    init?: RandomStream,
  ) {
    super();
    const inner = out / Bottleneck.expansion;
    const plain = { bias: false, initial: 'he' } as const;
    this.conv1 = new Conv2d({ in: input, out: inner, kernel: 1, ...plain }, init);
    this.bn1 = normOf(norm, inner, init);
    this.conv2 = new Conv2d({ in: inner, out: inner, kernel: 3, stride, ...plain }, init);
    this.bn2 = normOf(norm, inner, init);
    this.conv3 = new Conv2d({ in: inner, out, kernel: 1, ...plain }, init);
    this.bn3 = normOf(norm, out, init);
    if (stride === 1 && input === out) return;
    this.downsample = [new Conv2d({ in: input, out, kernel: 1, stride, ...plain }, init), normOf(norm, out, init)];
  }

  /** [N,H,W,in] → [N,H/stride,W/stride,out] */
  forward(x: Tensor): Tensor {
    return tf.tidy(() => {
      const residual = this.downsample ? this.downsample.reduce((h, layer) => layer.forward(h), x) : x;
      const narrow = convNormRelu(convNormRelu(x, this.conv1, this.bn1), this.conv2, this.bn2);
      return convNormRelu(narrow, this.conv3, this.bn3, { residual });
    });
  }
}
