/** Conditioning of a transformer without extra tokens: a layer norm with shift and scale per item, and a gate. */
import { hasNativeKernels } from '../native-kernels';
import { differentiable, executeRawMany } from '../raw';
import type { Tensor } from '../tensorflow';
import { expectFloat, expectPositive, expectRank, expectSameShape, expectSize } from './check';
import { add, freeing, mul, reshape, sumMiddle } from './elementary';
import type { NormOptions } from './group-norm';
import { rowNorm } from './row-norm';

/**
 * (1 + scale) · norm(x) + shift, norm the layer normalisation over the last axis without parameters of its own: adaLN
 * (Peebles & Xie 2023).
 * @param x float32 [N, L, C]
 * @param shift float32 [N, C]
 * @param scale float32 [N, C]
 * @throws on shapes that do not fit.
 */
export function modulatedLayerNorm(x: Tensor, shift: Tensor, scale: Tensor, options: NormOptions = {}): Tensor {
  const { epsilon = 1e-6 } = options;
  expectFloat('modulatedLayerNorm', 'x', x);
  expectRank('modulatedLayerNorm', 'x', x, 3);
  expectPositive('modulatedLayerNorm', 'epsilon', epsilon);
  for (const [name, tensor] of Object.entries({ shift, scale })) expectItems('modulatedLayerNorm', name, tensor, x);
  const norm = rowNorm({ epsilon, offset: 1 });
  return differentiable({
    name: 'modulatedLayerNorm',
    inputs: { x, shift, scale },
    forward(save) {
      const [y, mean, rstd] = norm.forward(x, scale, shift);
      save(x, scale, mean, rstd);
      return y;
    },
    backward(dy, saved) {
      const [x, scale, mean, rstd] = saved as [Tensor, Tensor, Tensor, Tensor];
      const [dx, dscale, dshift] = norm.gradient(dy, { x, scale, mean, rstd });
      return { shift: () => dshift, scale: () => dscale, x: () => dx };
    },
  });
}

/**
 * x + gate · branch, one gate value per item and channel.
 * @param x float32 [N, L, C]
 * @param gate float32 [N, C]
 * @param branch float32 [N, L, C]
 * @throws on shapes that do not fit.
 */
export function gatedAdd(x: Tensor, gate: Tensor, branch: Tensor): Tensor {
  expectFloat('gatedAdd', 'x', x);
  expectRank('gatedAdd', 'x', x, 3);
  expectSameShape('gatedAdd', x, branch);
  expectItems('gatedAdd', 'gate', gate, x);
  const [batch, , channels] = x.shape as [number, number, number];
  const native = hasNativeKernels('rows');
  return differentiable({
    name: 'gatedAdd',
    inputs: { x, gate, branch },
    forward(save) {
      save(gate, branch);
      if (native) return executeRawMany('StillhouseGatedAdd', [], [x, gate, branch], 1)[0]!;
      const gated = mul(branch, reshape(gate, [batch, 1, channels]));
      return freeing(add(x, gated), gated);
    },
    backward(dy, saved) {
      const [gate, branch] = saved as [Tensor, Tensor];
      if (native) {
        const [dgate, dbranch] = executeRawMany('StillhouseGatedAddGrad', [], [dy, gate, branch], 2);
        return { x: () => dy, gate: () => dgate!, branch: () => dbranch! };
      }
      return {
        x: () => dy,
        gate: () => {
          const product = mul(dy, branch);
          return freeing(reshape(sumMiddle(product), [batch, channels]), product);
        },
        branch: () => mul(dy, reshape(gate, [batch, 1, channels])),
      };
    },
  });
}

function expectItems(operation: string, name: string, tensor: Tensor, x: Tensor): void {
  expectRank(operation, name, tensor, 2);
  expectSize(operation, `axis 0 of \`${name}\``, tensor.shape[0]!, x.shape[0]!, 'axis 0 of `x`');
  expectSize(operation, `axis 1 of \`${name}\``, tensor.shape[1]!, x.shape[2]!, 'the last axis of `x`');
}
