/** Layer normalisation. As in group-norm.ts, variances are taken in two passes and little is kept for the gradient. */
import { differentiable, float32 } from '../raw';
import type { Tensor } from '../tensorflow';
import { expectFloat, expectSize } from './check';
import { add, freeing, mean, mul, reshape, rsqrt, squaredDifference, sub, sum } from './elementary';
import type { NormOptions } from './group-norm';

/**
 * Layer normalisation (Ba et al. 2016) over the last axis.
 * @param x float32 [..., C]
 * @param gamma float32 [C]
 * @param beta float32 [C]
 * @throws on shapes that do not fit.
 */
export function layerNorm(x: Tensor, gamma: Tensor, beta: Tensor, options: NormOptions = {}): Tensor {
  const { epsilon = 1e-5 } = options;
  expectFloat('layerNorm', 'x', x);
  const { shape } = x;
  const channels = shape.at(-1) ?? 0;
  expectSize('layerNorm', 'the size of `gamma`', gamma.size, channels, 'the last axis of `x`');
  expectSize('layerNorm', 'the size of `beta`', beta.size, channels, 'the last axis of `x`');
  const rows = [x.size / channels, channels];
  const normalise = (flat: Tensor, average: Tensor, rstd: Tensor) => {
    const centred = sub(flat, average);
    return freeing(mul(centred, rstd), centred);
  };
  return differentiable({
    name: 'layerNorm',
    inputs: { x, gamma, beta },
    forward(save) {
      const flat = reshape(x, rows);
      const average = mean(flat, [1], true); // [R, 1]
      const distances = squaredDifference(flat, average);
      const rstd = rsqrt(add(mean(distances, [1], true), float32(epsilon)));
      distances.dispose();
      save(x, gamma, average, rstd);
      const normal = normalise(flat, average, rstd);
      const scaled = freeing(mul(normal, gamma), normal);
      return reshape(freeing(add(scaled, beta), scaled), shape);
    },
    backward(dy, saved) {
      const [x, gamma, average, rstd] = saved as [Tensor, Tensor, Tensor, Tensor];
      const normal = normalise(reshape(x, rows), average, rstd);
      const d = reshape(dy, rows);
      return {
        gamma: () => sum(mul(d, normal), [0]),
        beta: () => sum(d, [0]),
        x: () => {
          const weighted = mul(d, gamma);
          const correlation = mean(mul(weighted, normal), [1], true);
          const centred = sub(weighted, mean(weighted, [1], true));
          return reshape(mul(sub(centred, mul(normal, correlation)), rstd), shape);
        },
      };
    },
  });
}
