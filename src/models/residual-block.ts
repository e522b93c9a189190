/** The block of shallow residual networks (He et al. 2016), and the stages that are built of blocks. */
import { avgPool2d, type RandomStream, type Tensor, tf } from '../engine';
import {
  AvgPool2d,
  type BatchNorm2d,
  Conv2d,
  convNormRelu,
  type InstanceNorm2d,
  type NormKind,
  normOf,
} from './layers';
import { Module } from './module';

export interface BlockOptions {
  in: number;
  out: number;
  /** Input pixels per output pixel along a side. */
  stride: number;
  norm: NormKind;
  /** How the image is downsampled: by the convolutions' stride, or by an average pool after them (ResNetAP). */
  downsampling: 'stride' | 'pool';
  /** How the shortcut changes size: 'convolution' 1×1 with norm, or 'padding' with zero channels (option A). */
  shortcut: 'convolution' | 'padding';
}

/** Two 3×3 convolutions with a shortcut, with torchvision's names. */
export class BasicBlock extends Module {
  /** Output channels per channel inside. */
  static readonly expansion = 1;
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm2d | InstanceNorm2d;
  readonly conv2: Conv2d;
  readonly bn2: BatchNorm2d | InstanceNorm2d;
  readonly downsample: (Conv2d | AvgPool2d | BatchNorm2d | InstanceNorm2d)[] | undefined;
  private readonly options: BlockOptions;

  constructor(options: BlockOptions, init?: RandomStream) {
    super();
    const { in: input, out, stride, norm, downsampling, shortcut } = options;
    this.options = options;
    const plain = { bias: false, initial: 'he' } as const;
    const pooled = downsampling === 'pool' && stride > 1;
    const step = pooled ? 1 : stride;
    this.conv1 = new Conv2d({ in: input, out, kernel: 3, stride: step, ...plain }, init);
    this.bn1 = normOf(norm, out, init);
    this.conv2 = new Conv2d({ in: out, out, kernel: 3, ...plain }, init);
    this.bn2 = normOf(norm, out, init);
    if ((stride === 1 && input === out) || shortcut === 'padding') return;
    const projection = new Conv2d({ in: input, out, kernel: 1, stride: step, padding: 0, ...plain }, init);
    this.downsample = [projection, ...(pooled ? [new AvgPool2d(stride)] : []), normOf(norm, out, init)];
  }

  /** [N,H,W,in] → [N,H/stride,W/stride,out] */
  forward(x: Tensor): Tensor {
    const { stride, downsampling } = this.options;
    const pool = downsampling === 'pool' ? stride : 1;
    return tf.tidy(() => {
      const h = convNormRelu(x, this.conv1, this.bn1, { pool });
      return convNormRelu(h, this.conv2, this.bn2, { residual: this.shortcut(x) });
    });
  }

  private shortcut(x: Tensor): Tensor {
    if (this.downsample) return this.downsample.reduce((h, layer) => layer.forward(h), x);
    const { in: input, out, stride } = this.options;
    if (stride === 1 && input === out) return x;
    // Every stride-th pixel, by pooling with size 1: tfjs has no gradient for a strided slice.
    const every = avgPool2d(x, { size: 1, stride });
    const side = (out - input) / 2;
    return tf.pad(every, [
      [0, 0],
      [0, 0],
      [0, 0],
      [side, side],
    ]);
  }
}

/** A kind of block. */
export interface BlockKind<Block> {
  new (options: BlockOptions, init?: RandomStream): Block;
  readonly expansion: number;
}

/** `count` blocks, of which the first changes channels and size. */
export function blocksOf<Block>(
  kind: BlockKind<Block>,
  first: BlockOptions,
  count: number,
  init: RandomStream | undefined,
): Block[] {
  return Array.from(
    { length: count },
    (_, i) => new kind(i === 0 ? first : { ...first, in: first.out, stride: 1 }, init),
  );
}

/** The four stages of a ResNet: each but the first halves the image and doubles the channels. */
export function fourStages<Block>(
  kind: BlockKind<Block>,
  {
    width,
    blocks,
    ...shared
  }: {
    /** Channels of the stem, and inside the blocks of the first stage. */
    width: number;
    /** Blocks of each stage. */
    blocks: readonly [number, number, number, number];
  } & Pick<BlockOptions, 'norm' | 'downsampling'>,
  init: RandomStream | undefined,
): [Block[], Block[], Block[], Block[]] {
  const stage = (place: 0 | 1 | 2 | 3): Block[] => {
    const out = width * 2 ** place * kind.expansion;
    const first = place === 0 ? { in: width, stride: 1 } : { in: out / 2, stride: 2 };
    return blocksOf(kind, { ...first, out, ...shared, shortcut: 'convolution' }, blocks[place], init);
  };
  return [stage(0), stage(1), stage(2), stage(3)];
}
