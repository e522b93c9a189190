/** The fully connected layer. */
import { differentiable } from '../raw';
import type { Tensor } from '../tensorflow';
import { expectFloat, expectRank, expectSize } from './check';
import { biasGradient } from './bias';
import { freeing } from './elementary';
import { matrixProducts } from './matrix-products';

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
  // The kernel's gradient first: after it the input is not needed any more.
  const inputs: Record<string, Tensor> = bias ? { bias, kernel, x } : { kernel, x };
  const products = matrixProducts();
  const { shape } = x;
  return differentiable({
    name: 'dense',
    inputs,
    forward(save) {
      const rows = products.rows(x);
      save(rows, kernel);
      return products.convolve(rows, kernel, bias, [...shape.slice(0, -1), outputs]);
    },
    backward(dy, saved) {
      const [rows, kernel] = saved as [Tensor, Tensor];
      const d = products.rows(dy);
      return {
        x: () => products.inputGradient(shape, kernel, d),
        kernel: () => freeing(products.kernelGradient(rows, [width, outputs], d), rows),
        bias: () => biasGradient(d),
      };
    },
  });
}
