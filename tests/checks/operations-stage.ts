/** The operations of networks as stages whose output is the bits that they give: their result, and each gradient. */
import { z } from 'zod';
import {
  attention,
  conv2d,
  dense,
  depthwiseConv2d,
  groupNorm,
  layerNorm,
  maxPool2d,
  avgPool2d,
  RandomStream,
  resizeBilinear,
  softmaxCrossEntropy,
  batchNorm,
  type Tensor,
  tf,
} from '../../src/engine';
import { mapStage, sha256 } from '../../src/sweeps';

const CHANNELS = 64;
const image = [32, 32, 32, CHANNELS];

interface Operation {
  inputs: number[][];
  names: string[];
  run(inputs: Tensor[]): Tensor;
}

/** Large enough that TensorFlow splits the work. */
const operations: Record<string, Operation> = {
  conv2d: {
    inputs: [image, [3, 3, CHANNELS, CHANNELS]],
    names: ['input', 'kernel'],
    run: ([x, kernel]) => conv2d(x!, kernel!),
  },
  'depthwise conv2d': {
    inputs: [image, [3, 3, CHANNELS, 1]],
    names: ['input', 'kernel'],
    run: ([x, kernel]) => depthwiseConv2d(x!, kernel!),
  },
  dense: {
    inputs: [[4096, 256], [256, 256], [256]],
    names: ['input', 'kernel', 'bias'],
    run: ([x, kernel, bias]) => dense(x!, kernel!, bias!),
  },
  'group norm': {
    inputs: [image, [CHANNELS], [CHANNELS]],
    names: ['input', 'gamma', 'beta'],
    run: ([x, gamma, beta]) => groupNorm(x!, gamma!, beta!, { groups: 8 }),
  },
  'layer norm': {
    inputs: [[4096, 256], [256], [256]],
    names: ['input', 'gamma', 'beta'],
    run: ([x, gamma, beta]) => layerNorm(x!, gamma!, beta!),
  },
  'batch norm, training': {
    inputs: [image, [CHANNELS], [CHANNELS]],
    names: ['input', 'gamma', 'beta'],
    run([x, gamma, beta]) {
      const running = {
        mean: tf.variable(tf.zeros([CHANNELS]), false),
        variance: tf.variable(tf.ones([CHANNELS]), false),
      };
      return batchNorm(x!, gamma!, beta!, { running, training: true });
    },
  },
  attention: {
    inputs: [
      [8, 4, 256, 32],
      [8, 4, 256, 32],
      [8, 4, 256, 32],
    ],
    names: ['queries', 'keys', 'values'],
    run: ([q, k, v]) => attention(q!, k!, v!),
  },
  'average pooling': { inputs: [image], names: ['input'], run: ([x]) => avgPool2d(x!, { size: 2 }) },
  'max pooling': { inputs: [image], names: ['input'], run: ([x]) => maxPool2d(x!, { size: 2 }) },
  'bilinear resizing': { inputs: [image], names: ['input'], run: ([x]) => resizeBilinear(x!, [48, 48]) },
  'softmax cross entropy': {
    inputs: [[4096, 100]],
    names: ['logits'],
    run: ([logits]) =>
      softmaxCrossEntropy(
        logits!,
        tf.tensor1d(
          Int32Array.from({ length: 4096 }, (_, i) => i % 100),
          'int32',
        ),
      ),
  },
  'mean of all': { inputs: [image], names: ['input'], run: ([x]) => tf.mean(x!) },
  'mean over the batch': { inputs: [image], names: ['input'], run: ([x]) => tf.mean(x!, 0) },
};

export const operationNames = Object.keys(operations);

/** `{ result, 'gradient of input', … }`, each the SHA-256 of its bytes. */
export const operationBits = mapStage({
  name: 'operation-bits',
  version: 1,
  code: import.meta.url,
  uses: ['../../src/engine'],
  parameters: z.object({}),
  item: z.string(),
  batch: 1,
  resources: { threads: 2 },
  async run(_context, _parameters, names) {
    return names.map((name) => {
      const { inputs, names: of, run } = operations[name]!;
      const values = inputs.map((shape, i) => noise(shape, `${name} ${i}`));
      const result = run(values);
      const gradients = tf.grads((...all: Tensor[]) => run(all))(values, noise(result.shape, `${name} gradient`));
      const bits = (tensor: Tensor) => sha256(new Uint8Array((tensor.dataSync() as Float32Array).slice().buffer));
      return Object.fromEntries([
        ['result', bits(result)],
        ...gradients.map((gradient, i) => [`gradient of ${of[i]}`, bits(gradient)] as const),
      ]);
    });
  },
});

function noise(shape: readonly number[], name: string): Tensor {
  const values = new Float32Array(shape.reduce((product, n) => product * n, 1));
  return tf.tensor(new RandomStream(0, name).fillNormal(values), [...shape]);
}
