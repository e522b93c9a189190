/** Layer normalisation. */
import { differentiable } from '../raw';
import type { Tensor } from '../tensorflow';
import { expectFloat, expectPositive, expectSize } from './check';
import type { NormOptions } from './group-norm';
import { rowNorm } from './row-norm';

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
  expectPositive('layerNorm', 'epsilon', epsilon);
  const channels = x.shape.at(-1) ?? 0;
  expectSize('layerNorm', 'the size of `gamma`', gamma.size, channels, 'the last axis of `x`');
  expectSize('layerNorm', 'the size of `beta`', beta.size, channels, 'the last axis of `x`');
  const norm = rowNorm({ epsilon, offset: 0 });
  return differentiable({
    name: 'layerNorm',
    inputs: { x, gamma, beta },
    forward(save) {
      const [y, mean, rstd] = norm.forward(x, gamma, beta);
      save(x, gamma, mean, rstd);
      return y;
    },
    backward(dy, saved) {
      const [x, scale, mean, rstd] = saved as [Tensor, Tensor, Tensor, Tensor];
      const [dx, dgamma, dbeta] = norm.gradient(dy, { x, scale, mean, rstd });
      return { gamma: () => dgamma, beta: () => dbeta, x: () => dx };
    },
  });
}
