/** MobileNet-V2 (Sandler et al. 2018) of any width, with torchvision's names, without dropout. */
import { globalAveragePool, type RandomStream, type Tensor, tf } from '../engine';
import { ConvNormActivation, narrowed } from './conv-norm-activation';
import { initialStream, type InitialWeights } from './initial';
import { BatchNorm2d, Conv2d, Linear } from './layers';
import { Module } from './module';
import { Identity, type Layer, Sequential } from './sequential';

/** Table 2 of the paper: expansion, channels, blocks, stride of the first block. */
const stages = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
] as const;

const STEM = 32;

export interface MobileNetV2Options {
  classes: number;
  /** Channels of the stem. All others scale with it, in multiples of 8. @default 32, a width multiplier of 1 */
  width?: number;
}

/** 1×1 expansion, 3×3 depthwise convolution, linear 1×1 projection; a shortcut if input and output have one size. */
class InvertedResidual extends Module {
  readonly conv: Sequential;
  private readonly hasShortcut: boolean;

  constructor(
    { in: input, out, stride, expansion }: { in: number; out: number; stride: number; expansion: number },
    init: RandomStream | undefined,
  ) {
    super();
    const wide = input * expansion;
    const activation = 'relu6';
    this.hasShortcut = stride === 1 && input === out;
    this.conv = new Sequential([
      ...(expansion === 1 ? [] : [new ConvNormActivation({ in: input, out: wide, kernel: 1, activation }, init)]),
      new ConvNormActivation({ in: wide, out: wide, stride, depthwise: true, activation }, init),
      new Conv2d({ in: wide, out, kernel: 1, bias: false, initial: 'he' }, init),
      new BatchNorm2d({ channels: out }, init),
    ]);
  }

  forward(x: Tensor): Tensor {
    return tf.tidy(() => {
      const y = this.conv.forward(x);
      return this.hasShortcut ? tf.add(x, y) : y;
    });
  }
}

export class MobileNetV2 extends Module {
  readonly features: Sequential;
  readonly classifier: Sequential;

  constructor({ classes, width = STEM }: MobileNetV2Options, initial: InitialWeights = {}) {
    super();
    const init = initialStream('MobileNetV2', initial);
    const share = width / STEM;
    const activation = 'relu6';
    let input = narrowed(STEM, share);
    const layers: Layer[] = [new ConvNormActivation({ in: 3, out: input, stride: 2, activation }, init)];
    for (const [expansion, channels, blocks, stride] of stages) {
      const out = narrowed(channels, share);
      for (let block = 0; block < blocks; block++) {
        layers.push(new InvertedResidual({ in: input, out, stride: block === 0 ? stride : 1, expansion }, init));
        input = out;
      }
    }
    // The last layer keeps its 1280 channels in a narrower network.
    const last = narrowed(1280, Math.max(1, share));
    layers.push(new ConvNormActivation({ in: input, out: last, kernel: 1, activation }, init));
    this.features = new Sequential(layers);
    this.classifier = new Sequential([new Identity(), new Linear({ in: last, out: classes, initial: 0.01 }, init)]);
  }

  /** Normalised images [N,H,W,3] → logits [N,classes] */
  forward(images: Tensor): Tensor {
    return tf.tidy(() => this.classifier.forward(globalAveragePool(this.features.forward(images))));
  }
}
