/** The fully connected layer. */
import { differentiable } from '../raw';
import type { Tensor } from '../tensorflow';
import { expectFloat, expectRank, expectSize } from './check';
import { biasAdd, biasAddGradient, matMul, reshape } from './elementary';

/**
 * x W + b over the last axis.
 * @param x float32 [..., in]
 * @param kernel float32 [in, out]
 * @param bias float32 [out]
 * @returns [..., out]
 * @throws on shapes that do not fit.
 */
export function dense(x: Tensor, kernel: Tensor, bias?: Tensor): Tensor {
  expectFloat('dense', 'x', x);
  expectRank('dense', 'kernel', kernel, 2);
  const [width, outputs] = kernel.shape as [number, number];
  expectSize('dense', 'the last axis of `x`', x.shape.at(-1) ?? 0, width, 'the inputs of `kernel`');
  if (bias) expectSize('dense', 'the size of `bias`', bias.size, outputs, 'the outputs of `kernel`');
  const inputs: Record<string, Tensor> = bias ? { x, kernel, bias } : { x, kernel };
  const { shape } = x;
  return differentiable({
    name: 'dense',
    inputs,
    forward(save) {
      save(x, kernel);
      let y = matMul(reshape(x, [-1, width]), kernel);
      if (bias) {
        const product = y;
        y = biasAdd(product, bias);
        product.dispose();
      }
      return reshape(y, [...shape.slice(0, -1), outputs]);
    },
    backward(dy, [x, kernel]) {
      const rows = reshape(dy, [-1, outputs]);
      return {
        x: () => reshape(matMul(rows, kernel!, false, true), shape),
        kernel: () => matMul(reshape(x!, [-1, width]), rows, true, false),
        bias: () => biasAddGradient(rows),
      };
    },
  });
}
