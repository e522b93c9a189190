/** The three products of a dense layer, in the precision that is set when it is called. */
import { hasNativeKernels } from '../native-kernels';
import { precision } from '../precision';
import type { Tensor } from '../tensorflow';
import { bfloat16DenseProducts, type Products, roundedFirst } from './bfloat16';
import { addBias } from './bias';
import { freeing, matMul, reshape, shaped } from './elementary';

export interface MatrixProducts extends Products {
  /** x [..., C] as the products take it: rows [R, C], or as it is. Its data are shared. */
  rows(x: Tensor): Tensor;
  /** rows · kernel [in,out] (+ bias), of that shape (default: the rows'). */
  convolve(rows: Tensor, kernel: Tensor, bias?: Tensor, shape?: readonly number[]): Tensor;
}

const asItIs = (x: Tensor): Tensor => x;
const flat = (x: Tensor): Tensor => (x.rank === 2 ? x : reshape(x, [-1, x.shape.at(-1)!]));

const float32: MatrixProducts = {
  rows: flat,
  convolve(rows, kernel, bias, shape = [rows.shape[0]!, kernel.shape[1]!]) {
    const product = matMul(rows, kernel);
    return bias ? freeing(addBias(product, bias, shape), product) : shaped(product, shape);
  },
  inputGradient: (shape, kernel, dy) => shaped(matMul(dy, kernel, false, true), shape),
  kernelGradient: (x, _, dy) => matMul(x, dy, true, false),
};

/** x [..., in] · kernel [in,out] (+ bias) → [..., out], and its gradients. */
export function matrixProducts(): MatrixProducts {
  if (precision() !== 'bfloat16') return float32;
  if (!hasNativeKernels('bfloat16')) return { ...float32, ...roundedFirst(float32) };
  return { rows: asItIs, ...bfloat16DenseProducts };
}
