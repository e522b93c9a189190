/**
 * Batch normalisation fused with what follows it in classifiers: a residual, ReLU, an average pool. Our own kernels
 * (native/kernels.cc) read each image twice and write it once. Without them it is composed of TensorFlow's operations,
 * which take a pass each.
 */
import { batchNormAttributes, hasNativeKernels } from '../native-kernels';
import { differentiable, executeRaw, executeRawMany, isRecording } from '../raw';
import { type Tensor, tf } from '../tensorflow';
import { relu } from './activations';
import {
  batchNorm,
  type BatchNormOptions,
  emptyTensor,
  expectPerChannel,
  expectSettings,
  named,
  updateRunning,
} from './batch-norm';
import { expectInteger, expectRank, expectSameShape } from './check';
import { add } from './elementary';
import { avgPool2d } from './pooling';

export interface BatchNormReluOptions extends BatchNormOptions {
  /** Of the convolution before it, [C], added to x first: batch statistics take it out again, so it costs no pass. */
  bias?: Tensor | undefined;
  /** Added before the ReLU, as x. Not together with a pool. */
  residual?: Tensor | undefined;
  /** Side of the windows averaged after the ReLU, pixels; incomplete windows at the edge are dropped. @default 1 */
  pool?: number;
}

/**
 * avgPool(max(0, batchNorm(x + bias) + residual)).
 * @param x float32 [N, H, W, C]
 * @param gamma float32 [C]
 * @param beta float32 [C]
 * @returns [N, H / pool, W / pool, C]
 * @throws on shapes that do not fit, a pool larger than the image, or a residual with a pool.
 */
export function batchNormRelu(x: Tensor, gamma: Tensor, beta: Tensor, options: BatchNormReluOptions): Tensor {
  const { running, bias, residual, pool = 1, training } = options;
  expectRank('batchNormRelu', 'x', x, 4);
  const [, height, width, channels] = x.shape as [number, number, number, number];
  expectPerChannel('batchNormRelu', channels, { gamma, beta, ...named(running), ...(bias ? { bias } : {}) });
  expectSettings('batchNormRelu', options);
  expectInteger('batchNormRelu', 'pool', pool, 1);
  const smallest = Math.min(height, width);
  if (pool > Math.max(1, smallest)) {
    throw new Error(
      `batchNormRelu: expected \`pool\` to be at most ${smallest} for an input [${x.shape}], got ${pool}.`,
    );
  }
  if (residual) expectSameShape('batchNormRelu', x, residual);
  if (residual && pool !== 1) throw new Error(`batchNormRelu: expected no pool with a residual, got ${pool}.`);
  if (!hasNativeKernels('batch norm') || (!training && isRecording())) return ofOperations(x, gamma, beta, options);
  return training ? normaliseByBatch(x, gamma, beta, options) : normaliseByRunning(x, gamma, beta, options);
}

function ofOperations(x: Tensor, gamma: Tensor, beta: Tensor, options: BatchNormReluOptions): Tensor {
  const { bias, residual, pool = 1, ...norm } = options;
  return tf.tidy(() => {
    const normal = batchNorm(bias ? tf.add(x, bias) : x, gamma, beta, norm);
    const active = relu(residual ? tf.add(normal, residual) : normal);
    return pool === 1 ? active : avgPool2d(active, { size: pool, stride: pool });
  });
}

const attributesOf = ({ epsilon = 1e-5, pool = 1 }: BatchNormReluOptions) => batchNormAttributes(epsilon, pool);

function normaliseByBatch(x: Tensor, gamma: Tensor, beta: Tensor, options: BatchNormReluOptions): Tensor {
  const { running, momentum = 0.1, bias, residual } = options;
  const attributes = attributesOf(options);
  const inputs: Record<string, Tensor> = {
    x,
    gamma,
    beta,
    ...(bias ? { bias } : {}),
    ...(residual ? { residual } : {}),
  };
  return differentiable({
    name: 'batchNormRelu',
    inputs,
    forward(save) {
      const [y, mean, variance] = executeRawMany(
        'StillhouseBatchNormRelu',
        attributes,
        [x, gamma, beta, residual ?? emptyTensor()],
        3,
      ) as [Tensor, Tensor, Tensor];
      save(x, gamma, beta, mean, variance, ...(residual ? [y] : []));
      const pixels = x.size / x.shape[3]!;
      updateRunning(running.mean, bias ? add(mean, bias) : mean, momentum);
      updateRunning(running.variance, tf.mul(variance, pixels / Math.max(1, pixels - 1)), momentum);
      return y;
    },
    backward(dy, [x, gamma, beta, mean, variance, y]) {
      const [dx, dGamma, dBeta, dResidual] = executeRawMany(
        'StillhouseBatchNormReluGrad',
        attributes,
        [dy, x!, gamma!, beta!, mean!, variance!, y ?? emptyTensor()],
        4,
      ) as [Tensor, Tensor, Tensor, Tensor];
      return {
        x: () => dx,
        gamma: () => dGamma,
        beta: () => dBeta,
        // The statistics move with it.
        bias: () => tf.zerosLike(dBeta),
        residual: () => dResidual,
      };
    },
  });
}

function normaliseByRunning(x: Tensor, gamma: Tensor, beta: Tensor, options: BatchNormReluOptions): Tensor {
  const { running, bias, residual } = options;
  return tf.tidy(() => {
    const mean = bias ? tf.sub(running.mean, bias) : running.mean;
    const inputs = [x, gamma, beta, residual ?? emptyTensor(), mean, running.variance];
    return executeRaw('StillhouseBatchNormReluEvaluation', attributesOf(options), inputs);
  });
}
