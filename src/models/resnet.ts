/** Residual networks (He et al. 2016) with torchvision's names, and the CIFAR variant with parameter-free shortcuts. */
import { avgPool2d, globalAveragePool, maxPool2d, RandomStream, relu, type Tensor, tf } from '../engine';
import { BatchNorm2d, Conv2d, Linear } from './layers';
import { Module } from './module';

interface BlockOptions {
  in: number;
  out: number;
  stride: number;
  /** How the shortcut changes size: 'convolution' 1×1 with norm, or 'padding' with zero channels (option A). */
  shortcut: 'convolution' | 'padding';
}

/** Two 3×3 convolutions beside a shortcut. */
class BasicBlock extends Module {
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm2d;
  readonly conv2: Conv2d;
  readonly bn2: BatchNorm2d;
  readonly downsample: [Conv2d, BatchNorm2d] | undefined;
  private readonly options: BlockOptions;

  constructor(options: BlockOptions, init?: RandomStream) {
    super();
    const { in: input, out, stride, shortcut } = options;
    this.options = options;
    this.conv1 = new Conv2d({ in: input, out, kernel: 3, stride, bias: false }, init);
    this.bn1 = new BatchNorm2d({ channels: out }, init);
    this.conv2 = new Conv2d({ in: out, out, kernel: 3, bias: false }, init);
    this.bn2 = new BatchNorm2d({ channels: out }, init);
    const changes = stride !== 1 || input !== out;
    this.downsample =
      changes && shortcut === 'convolution'
        ? [
            new Conv2d({ in: input, out, kernel: 1, stride, padding: 0, bias: false }, init),
            new BatchNorm2d({ channels: out }, init),
          ]
        : undefined;
  }

  forward(x: Tensor): Tensor {
    return tf.tidy(() => {
      const h = this.bn2.forward(this.conv2.forward(relu(this.bn1.forward(this.conv1.forward(x)))));
      return relu(tf.add(h, this.shortcut(x)));
    });
  }

  private shortcut(x: Tensor): Tensor {
    if (this.downsample) return this.downsample[1].forward(this.downsample[0].forward(x));
    const { in: input, out, stride } = this.options;
    if (stride === 1 && input === out) return x;
    // Every stride-th pixel, as a pooling of single pixels: tfjs has no gradient for a strided slice.
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

export interface ResNetOptions {
  classes: number;
  /** 'imagenet': 7×7 stride 2 and a max pool; 'cifar': 3×3 stride 1 and none ("modified" in the papers). */
  stem: 'imagenet' | 'cifar';
  /** Blocks of each of the four stages. Default ResNet-18's. */
  blocks?: readonly number[];
}

/** ResNet-18 by default. */
export class ResNet extends Module {
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm2d;
  readonly layer1: BasicBlock[];
  readonly layer2: BasicBlock[];
  readonly layer3: BasicBlock[];
  readonly layer4: BasicBlock[];
  readonly fc: Linear;
  private readonly stem: ResNetOptions['stem'];

  /** @param seed fills the weights as PyTorch would; without it they wait to be loaded */
  constructor({ classes, stem, blocks = [2, 2, 2, 2] }: ResNetOptions, { seed }: { seed?: number } = {}) {
    super();
    const init = seed === undefined ? undefined : new RandomStream(seed, 'ResNet');
    this.stem = stem;
    this.conv1 = new Conv2d(
      stem === 'imagenet'
        ? { in: 3, out: 64, kernel: 7, stride: 2, bias: false }
        : { in: 3, out: 64, kernel: 3, bias: false },
      init,
    );
    this.bn1 = new BatchNorm2d({ channels: 64 }, init);
    const stage = (input: number, out: number, count: number, stride: number): BasicBlock[] =>
      blocksOf({ in: input, out, stride, shortcut: 'convolution' }, count, init);
    this.layer1 = stage(64, 64, blocks[0]!, 1);
    this.layer2 = stage(64, 128, blocks[1]!, 2);
    this.layer3 = stage(128, 256, blocks[2]!, 2);
    this.layer4 = stage(256, 512, blocks[3]!, 2);
    this.fc = new Linear({ in: 512, out: classes }, init);
  }

  /** Normalised images [N,H,W,3] → logits [N,classes] */
  forward(images: Tensor): Tensor {
    return tf.tidy(() => {
      let x = tf.tidy(() => {
        const h = relu(this.bn1.forward(this.conv1.forward(images)));
        return this.stem === 'imagenet' ? maxPool2d(h, { size: 3, stride: 2, padding: 1 }) : h;
      });
      for (const block of [...this.layer1, ...this.layer2, ...this.layer3, ...this.layer4]) x = block.forward(x);
      return this.fc.forward(globalAveragePool(x));
    });
  }
}

/** ResNet-20 for CIFAR (He et al. 2016, section 4.2), shortcuts without weights, names of akamaster's checkpoints. */
export class ResNet20 extends Module {
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm2d;
  readonly layer1: BasicBlock[];
  readonly layer2: BasicBlock[];
  readonly layer3: BasicBlock[];
  readonly linear: Linear;

  constructor({ classes }: { classes: number }, { seed }: { seed?: number } = {}) {
    super();
    const init = seed === undefined ? undefined : new RandomStream(seed, 'ResNet20');
    this.conv1 = new Conv2d({ in: 3, out: 16, kernel: 3, bias: false }, init);
    this.bn1 = new BatchNorm2d({ channels: 16 }, init);
    this.layer1 = blocksOf({ in: 16, out: 16, stride: 1, shortcut: 'padding' }, 3, init);
    this.layer2 = blocksOf({ in: 16, out: 32, stride: 2, shortcut: 'padding' }, 3, init);
    this.layer3 = blocksOf({ in: 32, out: 64, stride: 2, shortcut: 'padding' }, 3, init);
    this.linear = new Linear({ in: 64, out: classes }, init);
  }

  /** Normalised images [N,32,32,3] → logits [N,classes] */
  forward(images: Tensor): Tensor {
    return tf.tidy(() => {
      let x = relu(this.bn1.forward(this.conv1.forward(images)));
      for (const block of [...this.layer1, ...this.layer2, ...this.layer3]) x = block.forward(x);
      return this.linear.forward(globalAveragePool(x));
    });
  }
}

function blocksOf(first: BlockOptions, count: number, init: RandomStream | undefined): BasicBlock[] {
  return Array.from(
    { length: count },
    (_, i) => new BasicBlock(i === 0 ? first : { ...first, in: first.out, stride: 1 }, init),
  );
}
