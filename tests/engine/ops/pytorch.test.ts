import { describe, expect, it } from 'vitest';
import {
  attention,
  avgPool2d,
  batchNorm,
  conv2d,
  dense,
  depthwiseConv2d,
  distillationLoss,
  gelu,
  globalAveragePool,
  groupNorm,
  instanceNorm,
  layerNorm,
  maxPool2d,
  meanSquaredError,
  quickGelu,
  relu,
  resizeBilinear,
  resizeNearest,
  silu,
  softmaxCrossEntropy,
  softTargetCrossEntropy,
  type Tensor,
  tf,
  type Variable,
} from '../../../src/engine';
import { expectClose, type Packed, readFixture, unpack } from '../fixtures';

interface Case {
  name: string;
  operation: string;
  options: Record<string, never>;
  inputs: Record<string, Packed>;
  constants: Record<string, Packed>;
  y: Packed;
  gradients: Record<string, Packed>;
  after?: { mean: Packed; variance: Packed };
}
type Inputs = Record<string, Tensor>;

const { cases } = readFixture<{ cases: Case[] }>('operations.json');
const running = ({ constants }: Case): { mean: Variable; variance: Variable } => ({
  mean: tf.variable(unpack(constants.mean!)) as Variable,
  variance: tf.variable(unpack(constants.variance!)) as Variable,
});

/** How each operation of the fixture is called; the options are the engine's own. */
const calls: Record<string, (inputs: Inputs, test: Case, state: ReturnType<typeof running>) => Tensor> = {
  conv2d: ({ x, kernel, bias }, { options }) => conv2d(x!, kernel!, { bias: bias!, ...options }),
  depthwiseConv2d: ({ x, kernel, bias }, { options }) => depthwiseConv2d(x!, kernel!, { bias: bias!, ...options }),
  dense: ({ x, kernel, bias }) => dense(x!, kernel!, bias),
  groupNorm: ({ x, gamma, beta }, { options }) => groupNorm(x!, gamma!, beta!, { groups: 1, ...options }),
  instanceNorm: ({ x, gamma, beta }) => instanceNorm(x!, gamma!, beta!),
  layerNorm: ({ x, gamma, beta }) => layerNorm(x!, gamma!, beta!),
  batchNorm: ({ x, gamma, beta }, { options }, running) =>
    batchNorm(x!, gamma!, beta!, { running, training: false, ...options }),
  attention: ({ q, k, v }, { options }) => attention(q!, k!, v!, options),
  relu: ({ x }) => relu(x!),
  silu: ({ x }) => silu(x!),
  gelu: ({ x }, { options }) => gelu(x!, options),
  quickGelu: ({ x }) => quickGelu(x!),
  avgPool2d: ({ x }, { options }) => avgPool2d(x!, { size: 1, ...options }),
  maxPool2d: ({ x }, { options }) => maxPool2d(x!, { size: 1, ...options }),
  globalAveragePool: ({ x }) => globalAveragePool(x!),
  resizeNearest: ({ x }, { options }) => resizeNearest(x!, options.size!),
  resizeBilinear: ({ x }, { options }) => resizeBilinear(x!, options.size!),
  meanSquaredError: ({ a, b }) => meanSquaredError(a!, b!),
  softmaxCrossEntropy: ({ logits }, { constants }) =>
    softmaxCrossEntropy(logits!, tf.tensor1d(constants.labels as unknown as number[], 'int32')),
  softTargetCrossEntropy: ({ logits, probabilities }) => softTargetCrossEntropy(logits!, probabilities!),
  distillationLoss: ({ student, teacher }, { options }) =>
    distillationLoss(student!, teacher!, { temperature: 1, ...options }),
};

describe('value and gradients equal those of PyTorch for', () => {
  for (const test of cases) {
    it(test.name, () => {
      const names = Object.keys(test.inputs);
      const inputs = names.map((name) => unpack(test.inputs[name]!));
      const state = test.constants.mean ? running(test) : { mean: undefined as never, variance: undefined as never };
      const call = (...tensors: Tensor[]) =>
        calls[test.operation]!(Object.fromEntries(names.map((name, i) => [name, tensors[i]!])), test, state);

      const y = call(...inputs);
      expectClose(y, test.y, 'value');
      if (test.after) {
        expectClose(state.mean, test.after.mean, 'running mean');
        expectClose(state.variance, test.after.variance, 'running variance');
        state.mean.assign(unpack(test.constants.mean!));
        state.variance.assign(unpack(test.constants.variance!));
      }
      const weights = tf.tensor(
        Float32Array.from({ length: y.size }, (_, i) => Math.cos(i)),
        y.shape,
      );
      const gradients = tf.grads((...tensors: Tensor[]) => tf.sum(tf.mul(call(...tensors), weights)))(inputs);
      for (const [i, name] of names.entries())
        expectClose(gradients[i]!, test.gradients[name]!, `gradient of ${name}`, 3e-5);
    });
  }

  it('every operation of the list above', () => {
    expect(new Set(cases.map(({ operation }) => operation))).toEqual(new Set(Object.keys(calls)));
  });
});
