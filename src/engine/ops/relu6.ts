/** The bounded ReLU of mobile networks. */
import { differentiable, executeRaw, F32 } from '../raw';
import type { Tensor } from '../tensorflow';
import { expectFloat } from './check';

/** min(max(x, 0), 6). Keeps its output for the gradient. */
export function relu6(x: Tensor): Tensor {
  expectFloat('relu6', 'x', x);
  return differentiable({
    name: 'relu6',
    inputs: { x },
    forward(save) {
      const y = executeRaw('Relu6', [F32], [x]);
      save(y);
      return y;
    },
    backward: (dy, [y]) => ({ x: () => executeRaw('Relu6Grad', [F32], [dy, y!]) }),
  });
}
