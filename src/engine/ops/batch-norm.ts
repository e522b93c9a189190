/** Batch normalisation on TensorFlow's fused kernels. */
import { attribute, DataType, differentiable, executeRawMany, F32, float32 } from '../raw';
import { type Tensor, tf, type Variable } from '../tensorflow';
import { expectFloat, expectPositive, expectSize, expectWithin } from './check';
import { add, mul, reshape, rsqrt, scale, sub, sum } from './elementary';

export interface BatchNormOptions {
  /** Moving mean and variance, shape [C]: read in evaluation, updated in training. */
  running: { mean: Variable; variance: Variable };
  /** True: normalise by this batch's statistics and update the running ones. False: use the running ones. */
  training: boolean;
  /** Weight of this batch in the running statistics, 0 … 1, PyTorch's convention. @default 0.1 */
  momentum?: number;
  /** Added to the variance, > 0. @default 1e-5 */
  epsilon?: number;
}

/**
 * Batch normalisation (Ioffe & Szegedy 2015) as in PyTorch: biased variance to normalise, unbiased in the running statistics.
 * @param x float32 [N, ..., C]
 * @param gamma float32 [C]
 * @param beta float32 [C]
 * @throws on shapes that do not fit.
 */
export function batchNorm(x: Tensor, gamma: Tensor, beta: Tensor, options: BatchNormOptions): Tensor {
  const { running, training, momentum = 0.1, epsilon = 1e-5 } = options;
  expectFloat('batchNorm', 'x', x);
  expectSettings('batchNorm', { momentum, epsilon });
  const channels = x.shape.at(-1) ?? 0;
  expectPerChannel('batchNorm', channels, { gamma, beta, ...named(running) });
  return training
    ? normaliseByBatch(x, gamma, beta, running, momentum, epsilon)
    : normaliseByRunning(x, gamma, beta, running, epsilon);
}

/** The running statistics by the names that a message gives them. */
export const named = ({ mean, variance }: BatchNormOptions['running']): Record<string, Tensor> => ({
  'running.mean': mean,
  'running.variance': variance,
});

/** @throws when a given setting is none that normalises. */
export function expectSettings(
  operation: string,
  { momentum = 0.1, epsilon = 1e-5 }: Pick<BatchNormOptions, 'momentum' | 'epsilon'>,
): void {
  expectWithin(operation, 'momentum', momentum, 0, 1);
  expectPositive(operation, 'epsilon', epsilon);
}

/** @throws when one of `tensors` has not a value for each channel. */
export function expectPerChannel(operation: string, channels: number, tensors: Record<string, Tensor>): void {
  for (const [name, tensor] of Object.entries(tensors)) {
    expectSize(operation, `the size of \`${name}\``, tensor.size, channels, 'the last axis of `x`');
  }
}

function fusedAttributes(epsilon: number) {
  return [
    F32,
    attribute.type('U', DataType.float32),
    attribute.float('epsilon', epsilon),
    attribute.string('data_format', 'NHWC'),
    attribute.bool('is_training', true),
  ];
}

let nothing: Tensor | undefined;
/** A kept empty tensor, for an input that an operation doesn't use. */
export const emptyTensor = (): Tensor => {
  nothing ??= tf.keep(tf.tensor1d([], 'float32'));
  return nothing;
};

function normaliseByBatch(
  x: Tensor,
  gamma: Tensor,
  beta: Tensor,
  running: BatchNormOptions['running'],
  momentum: number,
  epsilon: number,
): Tensor {
  const { shape } = x;
  const channels = shape.at(-1)!;
  const image = [x.size / channels, 1, 1, channels];
  const whole = shape.length === 4 ? shape : image;
  const attributes = fusedAttributes(epsilon);
  return differentiable({
    name: 'batchNorm',
    inputs: { x, gamma, beta },
    forward(save) {
      const [y, average, variance, ...reserved] = executeRawMany(
        'FusedBatchNormV3',
        [...attributes, attribute.float('exponential_avg_factor', 1)],
        [reshape(x, whole), gamma, beta, emptyTensor(), emptyTensor()],
        6,
      ) as [Tensor, Tensor, Tensor, ...Tensor[]];
      save(x, gamma, ...reserved);
      updateRunning(running.mean, average, momentum);
      updateRunning(running.variance, variance, momentum);
      return reshape(y, shape);
    },
    backward(dy, [x, gamma, ...reserved]) {
      const [dx, dGamma, dBeta] = executeRawMany(
        'FusedBatchNormGradV3',
        attributes,
        [reshape(dy, whole), reshape(x!, whole), gamma!, ...reserved],
        5,
      ) as [Tensor, Tensor, Tensor];
      return { x: () => reshape(dx, shape), gamma: () => dGamma, beta: () => dBeta };
    },
  });
}

/** running ← running + momentum (seen − running). */
export function updateRunning(running: Variable, seen: Tensor, momentum: number): void {
  running.assign(add(running, scale(sub(seen, running), momentum)));
}

function normaliseByRunning(
  x: Tensor,
  gamma: Tensor,
  beta: Tensor,
  running: BatchNormOptions['running'],
  epsilon: number,
): Tensor {
  const { shape } = x;
  const rows = [x.size / shape.at(-1)!, shape.at(-1)!];
  const { mean, variance } = running;
  return differentiable({
    name: 'batchNorm',
    inputs: { x, gamma, beta },
    forward(save) {
      const rstd = rsqrt(add(variance, float32(epsilon)));
      const slope = mul(gamma, rstd);
      save(x, mean, rstd, slope);
      const scaled = mul(x, slope);
      const y = add(scaled, sub(beta, mul(mean, slope)));
      scaled.dispose();
      return y;
    },
    backward(dy, saved) {
      const [x, mean, rstd, slope] = saved as [Tensor, Tensor, Tensor, Tensor];
      return {
        x: () => mul(dy, slope),
        gamma: () => sum(reshape(mul(dy, mul(sub(x, mean), rstd)), rows), [0]),
        beta: () => sum(reshape(dy, rows), [0]),
      };
    },
  });
}
