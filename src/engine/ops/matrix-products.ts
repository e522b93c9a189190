/** The three products of a dense layer, in the precision that is set when it is called. */
import { precision } from '../precision';
import type { Tensor } from '../tensorflow';
import { bfloat16DenseProducts, type Products } from './bfloat16';
import { biasAdd, freeing, matMul, reshape } from './elementary';

/** [..., C] → [rows, C], and what turns a product of these rows back. */
function rows(x: Tensor): { flat: Tensor; back: (product: Tensor) => Tensor } {
  if (x.rank === 2) return { flat: x, back: (product) => product };
  const flat = reshape(x, [-1, x.shape.at(-1)!]);
  return {
    flat,
    back: (product) => freeing(reshape(product, [...x.shape.slice(0, -1), product.shape[1]!]), product, flat),
  };
}

const float32: Products = {
  convolve(x, kernel, bias) {
    const { flat, back } = rows(x);
    const product = matMul(flat, kernel);
    return back(bias ? freeing(biasAdd(product, bias), product) : product);
  },
  inputGradient(_, kernel, dy) {
    const { flat, back } = rows(dy);
    return back(matMul(flat, kernel, false, true));
  },
  kernelGradient(x, _, dy) {
    const [{ flat: inputs }, { flat: outputs }] = [rows(x), rows(dy)];
    return matMul(inputs, outputs, true, false);
  },
};

/** x [..., in] · kernel [in,out] (+ bias) → [..., out], and its gradients. */
export const matrixProducts = (): Products => (precision() === 'bfloat16' ? bfloat16DenseProducts(float32) : float32);
