/** Residual networks (He et al. 2016) with torchvision's names, of any width. */
import { globalAveragePool, maxPool2d, type Tensor, tf } from '../engine';
import { Bottleneck } from './bottleneck';
import { initialStream, type InitialWeights } from './initial';
import { type BatchNorm2d, Conv2d, convNormRelu, type InstanceNorm2d, Linear, type NormKind, normOf } from './layers';
import { Module } from './module';
import { BasicBlock, fourStages } from './residual-block';

export interface ResNetOptions {
  classes: number;
  /**
   * 'imagenet': 7×7 with stride 2, then a 3×3 max pool with stride 2. 'pooled': 3×3 with stride 1, then the same pool.
   * 'cifar': 3×3 with stride 1, no pool ("modified" in the papers).
   */
  stem: 'imagenet' | 'pooled' | 'cifar';
  /** Blocks of each of the four stages: [1, 1, 1, 1] is ResNet-10. @default ResNet-18's [2, 2, 2, 2] */
  blocks?: readonly [number, number, number, number];
  /** 'basic' up to ResNet-34, 'bottleneck' from ResNet-50 on. @default 'basic' */
  block?: 'basic' | 'bottleneck';
  /** Channels of the stem and inside the first stage's blocks; each further stage has twice as many. @default 64 */
  width?: number;
  /** 'batch' in RDED's protocol, 'instance' in IDC's. @default 'batch' */
  norm?: NormKind;
}

/** ResNet-18 by default. */
export class ResNet extends Module {
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm2d | InstanceNorm2d;
  readonly layer1: (BasicBlock | Bottleneck)[];
  readonly layer2: (BasicBlock | Bottleneck)[];
  readonly layer3: (BasicBlock | Bottleneck)[];
  readonly layer4: (BasicBlock | Bottleneck)[];
  readonly fc: Linear;
  private readonly stem: ResNetOptions['stem'];

  constructor(
    { classes, stem, blocks = [2, 2, 2, 2], block = 'basic', width = 64, norm = 'batch' }: ResNetOptions,
    initial: InitialWeights = {},
  ) {
    super();
    const init = initialStream('ResNet', initial);
    this.stem = stem;
    const kernel = stem === 'imagenet' ? { kernel: 7, stride: 2 } : { kernel: 3 };
    this.conv1 = new Conv2d({ in: 3, out: width, ...kernel, bias: false, initial: 'he' }, init);
    this.bn1 = normOf(norm, width, init);
    const kind = block === 'basic' ? BasicBlock : Bottleneck;
    [this.layer1, this.layer2, this.layer3, this.layer4] = fourStages<BasicBlock | Bottleneck>(
      kind,
      { width, blocks, norm, downsampling: 'stride' },
      init,
    );
    this.fc = new Linear({ in: width * 8 * kind.expansion, out: classes }, init);
  }

  /** Normalised images [N,H,W,3] → logits [N,classes] */
  forward(images: Tensor): Tensor {
    return tf.tidy(() => {
      let x = tf.tidy(() => {
        const h = convNormRelu(images, this.conv1, this.bn1);
        return this.stem === 'cifar' ? h : maxPool2d(h, { size: 3, stride: 2, padding: 1 });
      });
      for (const block of [...this.layer1, ...this.layer2, ...this.layer3, ...this.layer4]) x = block.forward(x);
      return this.fc.forward(globalAveragePool(x));
    });
  }
}
