/** The layers that networks share, with PyTorch's names, layouts and default initialisation. */
import {
  avgPool2d,
  batchNorm,
  type BatchNormReluOptions,
  batchNormRelu,
  conv2d,
  dense,
  denseGelu,
  type GeluOptions,
  groupNorm,
  instanceNorm,
  layerNorm,
  type RandomStream,
  relu,
  type Tensor,
  tf,
} from '../engine';
import { Module, Parameter } from './module';

/** PyTorch's default for weights and biases: uniform in ±1/√fanIn. Undefined without a stream. */
export function uniformFill(init: RandomStream | undefined, fanIn: number) {
  if (!init) return undefined;
  const bound = 1 / Math.sqrt(fanIn);
  return (values: Float32Array): void => {
    init.fillUniform(values, -bound, bound);
  };
}
/** Normal(0, deviation) values. Undefined without a stream: the weights are then loaded. */
export function normalFill(init: RandomStream | undefined, deviation: number) {
  if (!init) return undefined;
  return (values: Float32Array): void => {
    init.fillNormal(values);
    for (let i = 0; i < values.length; i++) values[i]! *= deviation;
  };
}
const zeros = (): void => {};
const ones = (values: Float32Array): void => {
  values.fill(1);
};

export interface Conv2dOptions {
  in: number;
  out: number;
  /** Side of the square kernel, pixels. */
  kernel: number;
  stride?: number;
  /** Zeros added on each side, pixels; [[top, bottom], [left, right]] if they differ. Default (kernel - 1) / 2. */
  padding?: number | [[number, number], [number, number]];
  bias?: boolean;
  /** Initial weights: PyTorch's default, or normal with variance 2 / (kernel² · out) (ResNets). @default 'uniform' */
  initial?: 'uniform' | 'he';
}

/** Convolution of NHWC images, torch.nn.Conv2d. */
export class Conv2d extends Module {
  readonly weight: Parameter;
  readonly bias: Parameter | undefined;
  private readonly stride: number;
  private readonly padding: number | [[number, number], [number, number]];

  constructor(options: Conv2dOptions, init?: RandomStream) {
    super();
    const fanIn = options.in * options.kernel ** 2;
    const fill = uniformFill(init, fanIn);
    const he = options.initial === 'he';
    this.weight = new Parameter([options.out, options.in, options.kernel, options.kernel], {
      layout: 'convolution',
      fill: he ? normalFill(init, Math.sqrt(2 / (options.out * options.kernel ** 2))) : fill,
    });
    this.bias = (options.bias ?? true) ? new Parameter([options.out], { fill }) : undefined;
    this.stride = options.stride ?? 1;
    this.padding = options.padding ?? (options.kernel - 1) / 2;
  }

  /** [N,H,W,in] → [N,H',W',out] */
  forward(x: Tensor): Tensor {
    const { stride, padding } = this;
    return conv2d(x, this.weight.value, { bias: this.bias?.value, stride, padding });
  }

  /** The same before the bias is added. */
  withoutBias(x: Tensor): Tensor {
    const { stride, padding } = this;
    return conv2d(x, this.weight.value, { stride, padding });
  }
}

/**
 * Initial weights of a dense layer: 'torch' is uniform in ±1/√in, for the biases too. The others have zero biases:
 * 'xavier' is uniform in ±√(6 / (in + out)) (Glorot & Bengio 2010), 'zeros', and a number is a normal's deviation.
 */
export type InitialWeights = 'torch' | 'xavier' | 'zeros' | number;

export interface LinearOptions {
  in: number;
  out: number;
  bias?: boolean;
  /** Default 'torch'. */
  initial?: InitialWeights;
}

function linearFills({ in: inputs, out: outputs, initial = 'torch' }: LinearOptions, init?: RandomStream) {
  if (!init) return {};
  if (initial === 'torch') {
    const fill = uniformFill(init, inputs);
    return { weight: fill, bias: fill };
  }
  if (initial === 'zeros') return { weight: zeros, bias: zeros };
  const weight = initial === 'xavier' ? uniformFill(init, (inputs + outputs) / 6) : normalFill(init, initial);
  return { weight, bias: zeros };
}

/** Dense layer on the last axis, torch.nn.Linear. */
export class Linear extends Module {
  readonly weight: Parameter;
  readonly bias: Parameter | undefined;

  constructor(options: LinearOptions, init?: RandomStream) {
    super();
    const fills = linearFills(options, init);
    this.weight = new Parameter([options.out, options.in], { layout: 'linear', fill: fills.weight });
    this.bias = (options.bias ?? true) ? new Parameter([options.out], { fill: fills.bias }) : undefined;
  }

  /** [..., in] → [..., out] */
  forward(x: Tensor): Tensor {
    return dense(x, this.weight.value, this.bias?.value);
  }
}

/** A Linear whose output goes through GELU, in fewer passes than one after the other. */
export class GeluLinear extends Linear {
  constructor(
    private readonly options: Omit<LinearOptions, 'bias'> & GeluOptions,
    init?: RandomStream,
  ) {
    super(options, init);
  }

  override forward(x: Tensor): Tensor {
    return denseGelu(x, this.weight.value, this.bias!.value, this.options);
  }
}

/** Scale and shift of a normalisation, initialised to ones and zeros. */
abstract class Affine extends Module {
  readonly weight: Parameter;
  readonly bias: Parameter;

  constructor(channels: number, init?: RandomStream) {
    super();
    this.weight = new Parameter([channels], { fill: init && ones });
    this.bias = new Parameter([channels], { fill: init && zeros });
  }
}

export interface GroupNormOptions {
  groups: number;
  channels: number;
  epsilon?: number;
  /** Activation fused into the normalisation. @default none */
  activation?: 'silu';
}

/** torch.nn.GroupNorm over [N,H,W,C], optionally fused with SiLU. */
export class GroupNorm extends Affine {
  private readonly options: GroupNormOptions;

  constructor(options: GroupNormOptions, init?: RandomStream) {
    super(options.channels, init);
    this.options = options;
  }

  forward(x: Tensor): Tensor {
    const { groups, epsilon = 1e-5, activation } = this.options;
    return groupNorm(x, this.weight.value, this.bias.value, { groups, epsilon, ...(activation ? { activation } : {}) });
  }
}

/** torch.nn.LayerNorm over the last axis. */
export class LayerNorm extends Affine {
  private readonly epsilon: number;

  constructor(options: { channels: number; epsilon?: number }, init?: RandomStream) {
    super(options.channels, init);
    this.epsilon = options.epsilon ?? 1e-5;
  }

  forward(x: Tensor): Tensor {
    return layerNorm(x, this.weight.value, this.bias.value, { epsilon: this.epsilon });
  }
}

/** torch.nn.BatchNorm2d over [N,H,W,C]: batch statistics while training, running ones otherwise. */
export class BatchNorm2d extends Affine {
  readonly running_mean: Parameter;
  readonly running_var: Parameter;
  private readonly options: { epsilon: number; momentum: number };

  constructor(options: { channels: number; epsilon?: number; momentum?: number }, init?: RandomStream) {
    super(options.channels, init);
    this.running_mean = new Parameter([options.channels], { trainable: false, fill: init && zeros });
    this.running_var = new Parameter([options.channels], { trainable: false, fill: init && ones });
    this.options = { epsilon: options.epsilon ?? 1e-5, momentum: options.momentum ?? 0.1 };
  }

  forward(x: Tensor): Tensor {
    return batchNorm(x, this.weight.value, this.bias.value, this.state());
  }

  /** Normalisation, residual, ReLU and average pool as one operation. */
  relu(x: Tensor, after: Pick<BatchNormReluOptions, 'bias' | 'residual' | 'pool'>): Tensor {
    return batchNormRelu(x, this.weight.value, this.bias.value, { ...this.state(), ...after });
  }

  private state() {
    const running = { mean: this.running_mean.value, variance: this.running_var.value };
    return { running, training: this.training, ...this.options };
  }
}

/** torch.nn.InstanceNorm2d with affine parameters (= group norm with one group per channel). */
export class InstanceNorm2d extends Affine {
  private readonly epsilon: number;

  constructor(options: { channels: number; epsilon?: number }, init?: RandomStream) {
    super(options.channels, init);
    this.epsilon = options.epsilon ?? 1e-5;
  }

  forward(x: Tensor): Tensor {
    return instanceNorm(x, this.weight.value, this.bias.value, { epsilon: this.epsilon });
  }

  /** Normalisation and ReLU as one operation. */
  relu(x: Tensor): Tensor {
    return instanceNorm(x, this.weight.value, this.bias.value, { epsilon: this.epsilon, activation: 'relu' });
  }
}

export type NormKind = 'batch' | 'instance';

/** The normalisation after a convolution with `channels` output channels. */
export const normOf = (kind: NormKind, channels: number, init?: RandomStream): BatchNorm2d | InstanceNorm2d =>
  kind === 'batch' ? new BatchNorm2d({ channels }, init) : new InstanceNorm2d({ channels }, init);

/** torch.nn.ReLU: a module, so that networks keep the numbering of torch's Sequential. */
export class ReLU extends Module {
  forward(x: Tensor): Tensor {
    return relu(x);
  }
}

/** torch.nn.AvgPool2d with a stride equal to its size, pixels. */
export class AvgPool2d extends Module {
  constructor(private readonly size: number) {
    super();
  }

  forward(x: Tensor): Tensor {
    return avgPool2d(x, { size: this.size, stride: this.size });
  }
}

/**
 * pool(ReLU(norm(conv(x)) + residual)). With batch normalisation all after the convolution is one operation, with instance
 * normalisation what has no residual.
 */
export function convNormRelu(
  x: Tensor,
  conv: Conv2d,
  norm: BatchNorm2d | InstanceNorm2d,
  { residual, pool = 1 }: { residual?: Tensor; pool?: number } = {},
): Tensor {
  if (norm instanceof BatchNorm2d) {
    return norm.relu(conv.withoutBias(x), { bias: conv.bias?.value, residual, pool });
  }
  const mapped = conv.forward(x);
  const active = residual ? relu(tf.add(norm.forward(mapped), residual)) : norm.relu(mapped);
  return pool === 1 ? active : avgPool2d(active, { size: pool, stride: pool });
}

/** torch.nn.Embedding: rows looked up by int32 index, initialised from Normal(0, deviation). */
export class Embedding extends Module {
  readonly weight: Parameter;

  constructor(options: { count: number; size: number; deviation?: number }, init?: RandomStream) {
    super();
    const { count, size, deviation = 1 } = options;
    this.weight = new Parameter([count, size], { fill: normalFill(init, deviation) });
  }

  /** int32 [...] → [..., size] */
  forward(indices: Tensor): Tensor {
    return tf.gather(this.weight.value, indices as never);
  }
}
