/** A fully connected layer with GELU: the first of a transformer's feed-forward. */
import { differentiable } from '../raw';
import type { Tensor } from '../tensorflow';
import type { GeluOptions } from './activations';
import { biasGelu, biasGeluGradient } from './bias';
import { expectFloat, expectRank, expectSize } from './check';
import { freeing } from './elementary';
import { matrixProducts } from './matrix-products';

/**
 * GELU(x W + b) over the last axis. The bias and the activation are one pass over the product, as are their gradients.
 * @param x float32 [..., in]
 * @param kernel float32 [in, out]
 * @param bias float32 [out]
 * @returns [..., out]
 * @throws on shapes that do not fit.
 */
export function denseGelu(x: Tensor, kernel: Tensor, bias: Tensor, options: GeluOptions = {}): Tensor {
  expectFloat('denseGelu', 'x', x);
  expectRank('denseGelu', 'kernel', kernel, 2);
  const { approximate = false } = options;
  const [width, outputs] = kernel.shape as [number, number];
  expectSize('denseGelu', 'the last axis of `x`', x.shape.at(-1) ?? 0, width, 'the inputs of `kernel`');
  expectSize('denseGelu', 'the size of `bias`', bias.size, outputs, 'the outputs of `kernel`');
  const products = matrixProducts();
  const { shape } = x;
  return differentiable({
    name: 'denseGelu',
    // The kernel's gradient first: after it the input is not needed any more.
    inputs: { bias, kernel, x },
    forward(save) {
      const rows = products.rows(x);
      const product = products.convolve(rows, kernel);
      save(rows, kernel, bias, product);
      return biasGelu(product, bias, approximate, [...shape.slice(0, -1), outputs]);
    },
    backward(dy, saved) {
      const [rows, kernel, bias, product] = saved as [Tensor, Tensor, Tensor, Tensor];
      const [dproduct, dbias] = biasGeluGradient(dy, product, bias, approximate);
      product.dispose();
      return {
        bias: () => dbias,
        kernel: () => freeing(products.kernelGradient(rows, [width, outputs], dproduct), rows),
        x: () => products.inputGradient(shape, kernel, dproduct),
      };
    },
  });
}
