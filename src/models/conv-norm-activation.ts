/** The building block of mobile networks: convolution (full or depthwise), batch normalisation, activation. */
import { depthwiseConv2d, type RandomStream, relu6, silu, type Tensor, tf } from '../engine';
import { BatchNorm2d, Conv2d, normalFill } from './layers';
import { Module, Parameter } from './module';
import { Sequential } from './sequential';

/** torch.nn.Conv2d with one group per channel and no bias. */
class DepthwiseConv2d extends Module {
  readonly weight: Parameter;

  constructor(
    private readonly options: { channels: number; kernel: number; stride: number },
    init: RandomStream | undefined,
  ) {
    super();
    const { channels, kernel } = options;
    // torchvision's kaiming_normal_ counts all output channels in the fan-out, although each is a separate group.
    const fill = normalFill(init, Math.sqrt(2 / (channels * kernel ** 2)));
    this.weight = new Parameter([channels, 1, kernel, kernel], { layout: 'depthwise', fill });
  }

  /** [N,H,W,channels] → [N,H/stride,W/stride,channels] */
  forward(x: Tensor): Tensor {
    const { kernel, stride } = this.options;
    return depthwiseConv2d(x, this.weight.value, { stride, padding: (kernel - 1) / 2 });
  }
}

const activations = { relu6, silu };

export interface ConvNormActivationOptions {
  in: number;
  out: number;
  /** Side of the kernel, pixels. @default 3 */
  kernel?: number;
  /** @default 1 */
  stride?: number;
  /** Filters each channel separately; `in` and `out` must be equal. @default false */
  depthwise?: boolean;
  /** Activation after the normalisation. @default none */
  activation?: keyof typeof activations;
}

/** torchvision's Conv2dNormActivation: '0' is the convolution, '1' the batch normalisation. */
export class ConvNormActivation extends Sequential {
  private readonly activation: ((x: Tensor) => Tensor) | undefined;

  constructor(options: ConvNormActivationOptions, init: RandomStream | undefined) {
    const { in: input, out, kernel = 3, stride = 1, depthwise = false, activation } = options;
    super([
      depthwise
        ? new DepthwiseConv2d({ channels: out, kernel, stride }, init)
        : new Conv2d({ in: input, out, kernel, stride, bias: false, initial: 'he' }, init),
      new BatchNorm2d({ channels: out }, init),
    ]);
    this.activation = activation && activations[activation];
  }

  /** [N,H,W,in] → [N,H/stride,W/stride,out] */
  override forward(x: Tensor): Tensor {
    return tf.tidy(() => {
      const y = super.forward(x);
      return this.activation ? this.activation(y) : y;
    });
  }
}

/** torchvision's _make_divisible: `channels · share`, rounded to a multiple of 8, at least 8 and 90 % of the value. */
export function narrowed(channels: number, share: number): number {
  const wanted = channels * share;
  const near = Math.max(8, Math.floor((wanted + 4) / 8) * 8);
  return near < 0.9 * wanted ? near + 8 : near;
}
