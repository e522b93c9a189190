/**
 * Convolutions whose factors are rounded to sixteen bits and whose sums are float32: in a kernel of our own where the processor
 * has tiles for them (native/convolution.h), else by TensorFlow's operations on rounded values, which are the same numbers in
 * another order of summation.
 */
import { convolutionGeometry, hasNativeKernels } from '../native-kernels';
import { type Attribute, attribute, DataType, executeRaw, executeRawMany, ones } from '../raw';
import { type Tensor, tf } from '../tensorflow';
import { freeing } from './elementary';

/** The three products of a convolution, or of a dense layer: x [..., in], kernel [in, out] → [..., out]. */
export interface Products {
  /** x [N,H,W,in], kernel [kh,kw,in,out], bias [out] → [N,H',W',out]; a dense layer's may be asked for in a shape */
  convolve(x: Tensor, kernel: Tensor, bias?: Tensor, shape?: readonly number[]): Tensor;
  /** → dx of that shape */
  inputGradient(shape: readonly number[], kernel: Tensor, dy: Tensor): Tensor;
  /** → dkernel of that shape */
  kernelGradient(x: Tensor, shape: readonly number[], dy: Tensor): Tensor;
}

/** Where a kernel meets the pixels. */
export interface Geometry {
  stride: number;
  /** Pixels of padding. */
  top: number;
  left: number;
  /** The output's size. */
  height: number;
  width: number;
}

/** No bias. */
const none = (): Tensor => ones([0]);

/** The products on rounded factors. @param others those that are used, on rounded tensors, where there is no kernel of ours */
export function bfloat16Products(geometry: Geometry, others: Products): Products {
  if (!hasNativeKernels('bfloat16')) return roundedFirst(others);
  const { stride, top, left, height, width } = geometry;
  const at = (rows: number, columns: number): Attribute[] =>
    convolutionGeometry({ stride, top, left, height: rows, width: columns });
  const run = (name: string, attributes: Attribute[], inputs: Tensor[]): Tensor =>
    executeRawMany(name, attributes, inputs, 1)[0]!;
  return {
    convolve: (x, kernel, bias) => run('StillhouseConv2D', at(height, width), [x, kernel, bias ?? none()]),
    inputGradient: (shape, kernel, dy) => run('StillhouseConv2DInputGrad', at(shape[1]!, shape[2]!), [dy, kernel]),
    kernelGradient: (x, shape, dy) => run('StillhouseConv2DKernelGrad', at(shape[0]!, shape[1]!), [x, dy]),
  };
}

/** The products of tensors that TensorFlow's operations round first. */
export const roundedFirst = ({ convolve, inputGradient, kernelGradient }: Products): Products => {
  const rounded = (x: Tensor, kernel: Tensor, product: (x: Tensor, kernel: Tensor) => Tensor): Tensor => {
    const factors = [roundToBfloat16(x), roundToBfloat16(kernel)] as const;
    return freeing(product(...factors), ...factors);
  };
  return {
    convolve: (x, kernel, bias, shape) => rounded(x, kernel, (x, kernel) => convolve(x, kernel, bias, shape)),
    inputGradient: (shape, kernel, dy) => rounded(kernel, dy, (kernel, dy) => inputGradient(shape, kernel, dy)),
    kernelGradient: (x, shape, dy) => rounded(x, dy, (x, dy) => kernelGradient(x, shape, dy)),
  };
};

/** The nearest numbers with float32's range and 8 bits of mantissa, ties to even; NaN stays NaN. float32 → float32, same shape. */
export function roundToBfloat16(x: Tensor): Tensor {
  const int = attribute.type('T', DataType.int32);
  const run = (name: string, a: Tensor, b: Tensor): Tensor => executeRaw(name, [int], [a, b]);
  return tf.tidy(() => {
    const bits = executeRaw(
      'Bitcast',
      [attribute.type('T', DataType.float32), attribute.type('type', DataType.int32)],
      [x],
    );
    const value = (n: number): Tensor => tf.scalar(n, 'int32');
    const odd = run('BitwiseAnd', run('RightShift', bits, value(16)), value(1));
    const nearest = run('AddV2', run('AddV2', bits, odd), value(0x7fff));
    // A NaN of high bits would be carried over into the sign.
    const upper = run('BitwiseAnd', nearest, value(-0x10000));
    const type = [attribute.type('T', DataType.int32), attribute.type('type', DataType.float32)];
    return tf.where(tf.isNaN(x), x, executeRaw('Bitcast', type, [upper]));
  });
}

const onRows = (name: string, inputs: Tensor[]): Tensor => executeRawMany(name, [], inputs, 1)[0]!;
/** A dense layer's three products on rounded factors, in our own kernels. */
export const bfloat16DenseProducts: Products = {
  convolve: (x, kernel, bias) => onRows('StillhouseDense', [x, kernel, bias ?? none()]),
  inputGradient: (_, kernel, dy) => onRows('StillhouseDenseInputGrad', [dy, kernel]),
  kernelGradient: (x, _, dy) => onRows('StillhouseDenseKernelGrad', [x, dy]),
};
