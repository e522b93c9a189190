/**
 * EfficientNet-B0 (Tan & Le 2019) of any width, with torchvision's names, without the dropout before the classifier and
 * without stochastic depth.
 */
import { conv2d, globalAveragePool, type RandomStream, silu, type Tensor, tf } from '../engine';
import { ConvNormActivation, narrowed } from './conv-norm-activation';
import { initialStream, type InitialWeights } from './initial';
import { Linear, normalFill, uniformFill } from './layers';
import { Module, Parameter } from './module';
import { Identity, type Layer, Sequential } from './sequential';

/** Table 1 of the paper, stages 2 to 8: expansion, kernel size, stride of the first block, channels, blocks. */
const stages = [
  [1, 3, 1, 16, 1],
  [6, 3, 2, 24, 2],
  [6, 5, 2, 40, 2],
  [6, 3, 2, 80, 3],
  [6, 5, 1, 112, 3],
  [6, 5, 2, 192, 4],
  [6, 3, 1, 320, 1],
] as const;

const STEM = 32;
const LAST = 4; // Channels of the last convolution per channel of the last stage.

export interface EfficientNetOptions {
  classes: number;
  /** Channels of the stem. All others scale with it, in multiples of 8. @default 32, as in B0 */
  width?: number;
}

/** A 1×1 convolution with a bias, which is initialised to zero. */
class Pointwise extends Module {
  readonly weight: Parameter;
  readonly bias: Parameter;

  constructor({ in: input, out }: { in: number; out: number }, init: RandomStream | undefined) {
    super();
    const fill = normalFill(init, Math.sqrt(2 / out));
    this.weight = new Parameter([out, input, 1, 1], { layout: 'convolution', fill });
    this.bias = new Parameter([out], { fill: init && (() => {}) });
  }

  forward(x: Tensor): Tensor {
    return conv2d(x, this.weight.value, { bias: this.bias.value });
  }
}

/** Scales each channel by a factor computed from the spatial means of all channels (Hu et al. 2018). */
class SqueezeExcitation extends Module {
  readonly fc1: Pointwise;
  readonly fc2: Pointwise;

  constructor({ channels, squeezed }: { channels: number; squeezed: number }, init: RandomStream | undefined) {
    super();
    this.fc1 = new Pointwise({ in: channels, out: squeezed }, init);
    this.fc2 = new Pointwise({ in: squeezed, out: channels }, init);
  }

  forward(x: Tensor): Tensor {
    return tf.tidy(() => {
      const [n, , , channels] = x.shape as [number, number, number, number];
      const average = tf.reshape(globalAveragePool(x), [n, 1, 1, channels]);
      return tf.mul(x, tf.sigmoid(this.fc2.forward(silu(this.fc1.forward(average)))));
    });
  }
}

interface BlockOptions {
  in: number;
  out: number;
  kernel: number;
  stride: number;
  expansion: number;
}

/** MobileNet-V2's block with SiLU, and with squeeze-and-excitation before the projection. */
class MBConv extends Module {
  readonly block: Sequential;
  private readonly hasShortcut: boolean;

  constructor({ in: input, out, kernel, stride, expansion }: BlockOptions, init: RandomStream | undefined) {
    super();
    const wide = narrowed(input, expansion);
    const activation = 'silu';
    this.hasShortcut = stride === 1 && input === out;
    this.block = new Sequential([
      ...(wide === input ? [] : [new ConvNormActivation({ in: input, out: wide, kernel: 1, activation }, init)]),
      new ConvNormActivation({ in: wide, out: wide, kernel, stride, depthwise: true, activation }, init),
      new SqueezeExcitation({ channels: wide, squeezed: Math.max(1, Math.floor(input / 4)) }, init),
      new ConvNormActivation({ in: wide, out, kernel: 1 }, init),
    ]);
  }

  forward(x: Tensor): Tensor {
    return tf.tidy(() => {
      const y = this.block.forward(x);
      return this.hasShortcut ? tf.add(x, y) : y;
    });
  }
}

/** A dense layer with initial weights uniform in ±1/√out and zero biases. */
function classifierOf(options: { in: number; out: number }, init: RandomStream | undefined): Linear {
  const layer = new Linear({ ...options, initial: 'zeros' }, init);
  if (!init) return layer;
  const { shape, size } = layer.weight;
  const data = new Float32Array(size);
  uniformFill(init, options.out)!(data);
  layer.weight.assign({ shape, data });
  return layer;
}

export class EfficientNet extends Module {
  readonly features: Sequential;
  readonly classifier: Sequential;

  constructor({ classes, width = STEM }: EfficientNetOptions, initial: InitialWeights = {}) {
    super();
    const init = initialStream('EfficientNet', initial);
    const share = width / STEM;
    const activation = 'silu';
    let input = narrowed(STEM, share);
    const layers: Layer[] = [new ConvNormActivation({ in: 3, out: input, stride: 2, activation }, init)];
    for (const [expansion, kernel, first, channels, count] of stages) {
      const out = narrowed(channels, share);
      const blocks: MBConv[] = [];
      for (let block = 0; block < count; block++) {
        blocks.push(new MBConv({ in: input, out, kernel, stride: block === 0 ? first : 1, expansion }, init));
        input = out;
      }
      layers.push(new Sequential(blocks));
    }
    layers.push(new ConvNormActivation({ in: input, out: LAST * input, kernel: 1, activation }, init));
    this.features = new Sequential(layers);
    this.classifier = new Sequential([new Identity(), classifierOf({ in: LAST * input, out: classes }, init)]);
  }

  /** Normalised images [N,H,W,3] → logits [N,classes] */
  forward(images: Tensor): Tensor {
    return tf.tidy(() => this.classifier.forward(globalAveragePool(this.features.forward(images))));
  }
}
