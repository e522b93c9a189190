/** The residual network for CIFAR (He et al. 2016, section 4.2), with parameter-free shortcuts. */
import { globalAveragePool, type Tensor, tf } from '../engine';
import { initialStream, type InitialWeights } from './initial';
import { BatchNorm2d, Conv2d, convNormRelu, Linear } from './layers';
import { Module } from './module';
import { BasicBlock, blocksOf } from './residual-block';

/** ResNet-20, with the names of akamaster's published checkpoints. */
export class ResNet20 extends Module {
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm2d;
  readonly layer1: BasicBlock[];
  readonly layer2: BasicBlock[];
  readonly layer3: BasicBlock[];
  readonly linear: Linear;

  constructor({ classes }: { classes: number }, initial: InitialWeights = {}) {
    super();
    const init = initialStream('ResNet20', initial);
    const stage = (input: number, out: number, stride: number): BasicBlock[] =>
      blocksOf(
        BasicBlock,
        { in: input, out, stride, norm: 'batch', downsampling: 'stride', shortcut: 'padding' },
        3,
        init,
      );
    this.conv1 = new Conv2d({ in: 3, out: 16, kernel: 3, bias: false, initial: 'he' }, init);
    this.bn1 = new BatchNorm2d({ channels: 16 }, init);
    this.layer1 = stage(16, 16, 1);
    this.layer2 = stage(16, 32, 2);
    this.layer3 = stage(32, 64, 2);
    this.linear = new Linear({ in: 64, out: classes }, init);
  }

  /** Normalised images [N,32,32,3] → logits [N,classes] */
  forward(images: Tensor): Tensor {
    return tf.tidy(() => {
      let x = convNormRelu(images, this.conv1, this.bn1);
      for (const block of [...this.layer1, ...this.layer2, ...this.layer3]) x = block.forward(x);
      return this.linear.forward(globalAveragePool(x));
    });
  }
}
