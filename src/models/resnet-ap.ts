/** ResNetAP (Kim et al. 2022, IDC): average pools where ResNets have strides. Parameter names as in IDC's code. */
import { globalAveragePool, type Tensor, tf } from '../engine';
import { initialStream, type InitialWeights } from './initial';
import { type BatchNorm2d, Conv2d, convNormRelu, type InstanceNorm2d, Linear, type NormKind, normOf } from './layers';
import { Module } from './module';
import { BasicBlock, fourStages } from './residual-block';

export interface ResNetAPOptions {
  classes: number;
  /** Side of the images, pixels. The stem pools by 4 above 128, by 2 above 64, and not at all up to 64. */
  size: number;
  /** Blocks of each of the four stages. @default ResNetAP-10's [1, 1, 1, 1] */
  blocks?: readonly [number, number, number, number];
  /** Channels of the first stage; each further one has twice as many. @default 64 */
  width?: number;
  /** @default 'instance', as in the IDC protocol */
  norm?: NormKind;
}

/** A 7×7 convolution at full resolution (3×3 up to 128 pixels), normalisation, ReLU, average pool. */
class Stem extends Module {
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm2d | InstanceNorm2d;
  private readonly pool: number;

  constructor(
    { size, width, norm }: { size: number; width: number; norm: NormKind },
    init: ReturnType<typeof initialStream>,
  ) {
    super();
    this.conv1 = new Conv2d({ in: 3, out: width, kernel: size > 128 ? 7 : 3, bias: false, initial: 'he' }, init);
    this.bn1 = normOf(norm, width, init);
    this.pool = size > 128 ? 4 : size > 64 ? 2 : 1;
  }

  forward(images: Tensor): Tensor {
    return convNormRelu(images, this.conv1, this.bn1, { pool: this.pool });
  }
}

/** ResNetAP-10 by default. */
export class ResNetAP extends Module {
  readonly layer0: Stem;
  readonly layer1: BasicBlock[];
  readonly layer2: BasicBlock[];
  readonly layer3: BasicBlock[];
  readonly layer4: BasicBlock[];
  readonly fc: Linear;

  constructor(
    { classes, size, blocks = [1, 1, 1, 1], width = 64, norm = 'instance' }: ResNetAPOptions,
    initial: InitialWeights = {},
  ) {
    super();
    const init = initialStream('ResNetAP', initial);
    this.layer0 = new Stem({ size, width, norm }, init);
    [this.layer1, this.layer2, this.layer3, this.layer4] = fourStages(
      BasicBlock,
      { width, blocks, norm, downsampling: 'pool' },
      init,
    );
    this.fc = new Linear({ in: width * 8, out: classes }, init);
  }

  /** Normalised images [N,size,size,3] → logits [N,classes] */
  forward(images: Tensor): Tensor {
    return tf.tidy(() => {
      let x = tf.tidy(() => this.layer0.forward(images));
      for (const block of [...this.layer1, ...this.layer2, ...this.layer3, ...this.layer4]) x = block.forward(x);
      return this.fc.forward(globalAveragePool(x));
    });
  }
}
