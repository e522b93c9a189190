/** The three products of a dense layer, in the precision that is set when it is called. */
import { precision } from '../precision';
import { bfloat16MatrixProducts, type Products } from './bfloat16';
import { biasAdd, freeing, matMul } from './elementary';

const float32: Products = {
  convolve(x, kernel, bias) {
    const product = matMul(x, kernel);
    return bias ? freeing(biasAdd(product, bias), product) : product;
  },
  inputGradient: (_, kernel, dy) => matMul(dy, kernel, false, true),
  kernelGradient: (x, _, dy) => matMul(x, dy, true, false),
};

/** x [n,in] · kernel [in,out], and its gradients. */
export const matrixProducts = (): Products => (precision() === 'bfloat16' ? bfloat16MatrixProducts(float32) : float32);
