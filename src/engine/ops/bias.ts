/** Biases over the last axis, in kernels of our own if the binding has them, else by TensorFlow's operations. */
import { geluAttributes, hasNativeKernels, itemAttributes } from '../native-kernels';
import { consume, executeRawMany } from '../raw';
import type { Tensor } from '../tensorflow';
import { approximateNormal, geluGradient, geluShare } from './activations';
import { biasAdd, biasAddGradient, freeing, mul, reshape, shaped } from './elementary';

/** product [..., C] + bias [C], in that shape. */
export function addBias(product: Tensor, bias: Tensor, shape: readonly number[] = product.shape): Tensor {
  if (!hasNativeKernels('rows')) return shaped(biasAdd(product, bias), shape);
  const attributes = itemAttributes(rowsOfItem(product, shape));
  return shaped(executeRawMany('StillhouseAddBias', attributes, [product, bias], 1)[0]!, shape);
}

/** The sum of dy [..., C] over all axes but the last. */
export function biasGradient(dy: Tensor): Tensor {
  if (hasNativeKernels('rows')) return executeRawMany('StillhouseSumRows', [], [dy], 1)[0]!;
  return biasAddGradient(dy.rank === 1 ? reshape(dy, [1, dy.size]) : dy);
}

/** GELU(product + bias), in that shape. */
export function biasGelu(product: Tensor, bias: Tensor, approximate: boolean, shape: readonly number[]): Tensor {
  if (hasNativeKernels('rows')) {
    const attributes = [...itemAttributes(rowsOfItem(product, shape)), ...geluAttributes(approximate)];
    return shaped(executeRawMany('StillhouseBiasGelu', attributes, [product, bias], 1)[0]!, shape);
  }
  const x = biasAdd(product, bias);
  const share = approximate ? approximateNormal(x) : geluShare(x);
  return shaped(freeing(mul(x, share), x, share), shape);
}

/** Gradients of `biasGelu`: of the product, and of the bias. Frees dy where it may. */
export function biasGeluGradient(
  dy: Tensor,
  product: Tensor,
  bias: Tensor,
  approximate: boolean,
): [dproduct: Tensor, dbias: Tensor] {
  if (hasNativeKernels('rows')) {
    const gradients = executeRawMany('StillhouseBiasGeluGrad', geluAttributes(approximate), [dy, product, bias], 2);
    consume(dy);
    return gradients as [Tensor, Tensor];
  }
  const d = dy.rank === product.rank ? dy : reshape(dy, product.shape);
  const dproduct = geluGradient(d, biasAdd(product, bias), approximate);
  consume(dy);
  return [dproduct, biasGradient(dproduct)];
}

/** How many rows of a product [R, C] make one item of `shape`; 0 where the kernel's result keeps the product's shape. */
const rowsOfItem = (product: Tensor, shape: readonly number[]): number =>
  product.rank === 2 && shape.length === 3 ? shape[1]! : 0;
