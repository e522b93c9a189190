/** What conditions a transformer without adding tokens: a layer norm that is shifted and scaled by item, and a gate. */
import { differentiable } from '../raw';
import type { Tensor } from '../tensorflow';
import { expectFloat, expectRank, expectSameShape, expectSize } from './check';
import {
  add,
  freeing,
  mean,
  mul,
  reshape,
  rsqrt,
  shift as plus,
  squaredDifference,
  sub,
  sumMiddle,
} from './elementary';
import type { NormOptions } from './group-norm';

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
  const [batch, , channels] = x.shape as [number, number, number];
  for (const [name, tensor] of Object.entries({ shift, scale })) expectItems('modulatedLayerNorm', name, tensor, x);
  const rows = [batch, 1, channels];
  const normalise = (x: Tensor, average: Tensor, rstd: Tensor): Tensor => {
    const centred = sub(x, average);
    return freeing(mul(centred, rstd), centred);
  };
  return differentiable({
    name: 'modulatedLayerNorm',
    inputs: { x, shift, scale },
    forward(save) {
      const average = mean(x, [2], true); // [N, L, 1]
      const distances = squaredDifference(x, average);
      const rstd = rsqrt(plus(mean(distances, [2], true), epsilon));
      distances.dispose();
      save(x, scale, average, rstd);
      const normal = normalise(x, average, rstd);
      const scaled = freeing(mul(normal, plus(reshape(scale, rows), 1)), normal);
      return freeing(add(scaled, reshape(shift, rows)), scaled);
    },
    backward(dy, saved) {
      const [x, scale, average, rstd] = saved as [Tensor, Tensor, Tensor, Tensor];
      const normal = normalise(x, average, rstd);
      return {
        shift: () => reshape(sumMiddle(dy), [batch, channels]),
        scale: () => {
          const product = mul(dy, normal);
          return freeing(reshape(sumMiddle(product), [batch, channels]), product);
        },
        x: () => {
          const weighted = mul(dy, plus(reshape(scale, rows), 1));
          const product = mul(weighted, normal);
          const correlation = mean(product, [2], true);
          product.dispose();
          const centred = freeing(sub(weighted, mean(weighted, [2], true)), weighted);
          const along = mul(normal, correlation);
          const straight = freeing(sub(centred, along), centred, along);
          return freeing(mul(straight, rstd), straight);
        },
      };
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
  return differentiable({
    name: 'gatedAdd',
    inputs: { x, gate, branch },
    forward(save) {
      save(gate, branch);
      const gated = mul(branch, reshape(gate, [batch, 1, channels]));
      return freeing(add(x, gated), gated);
    },
    backward(dy, saved) {
      const [gate, branch] = saved as [Tensor, Tensor];
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
