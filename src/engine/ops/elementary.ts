/**
 * TensorFlow's elementary operations, without a gradient: what the bodies of hand-written operations are made of.
 * Inside such a body nothing is recorded, and whatever is not returned is freed at its end; `dispose()` early what is large.
 */
import { attribute, DataType, executeRaw, F32, float32, int32, ones } from '../raw';
import type { Tensor } from '../tensorflow';

const INT32_INDEX = attribute.type('Tidx', DataType.int32);
const INT32_SHAPE = attribute.type('Tshape', DataType.int32);
const FORMAT = attribute.string('data_format', 'NHWC');

export const add = (a: Tensor, b: Tensor): Tensor => executeRaw('AddV2', [F32], [a, b]);
export const sub = (a: Tensor, b: Tensor): Tensor => executeRaw('Sub', [F32], [a, b]);
export const mul = (a: Tensor, b: Tensor): Tensor => executeRaw('Mul', [F32], [a, b]);
/** a · factor. The factor is kept as a constant: use it for few values. */
export const scale = (a: Tensor, factor: number): Tensor => mul(a, float32(factor));
/** a + term. The term is kept as a constant: use it for few values. */
export const shift = (a: Tensor, term: number): Tensor => add(a, float32(term));
export const negate = (a: Tensor): Tensor => executeRaw('Neg', [F32], [a]);
export const square = (a: Tensor): Tensor => executeRaw('Square', [F32], [a]);
export const squaredDifference = (a: Tensor, b: Tensor): Tensor => executeRaw('SquaredDifference', [F32], [a, b]);
export const rsqrt = (a: Tensor): Tensor => executeRaw('Rsqrt', [F32], [a]);
export const exp = (a: Tensor): Tensor => executeRaw('Exp', [F32], [a]);
export const sigmoid = (a: Tensor): Tensor => executeRaw('Sigmoid', [F32], [a]);
/** s (1 − s) · dy for s = sigmoid(x). */
export const sigmoidGradient = (s: Tensor, dy: Tensor): Tensor => executeRaw('SigmoidGrad', [F32], [s, dy]);
export const rectify = (a: Tensor): Tensor => executeRaw('Relu', [F32], [a]);
/** dy where y, the rectified value or the one before, is above 0. */
export const rectifyGradient = (y: Tensor, dy: Tensor): Tensor => executeRaw('ReluGrad', [F32], [dy, y]);
export const erf = (a: Tensor): Tensor => executeRaw('Erf', [F32], [a]);
export const softmax = (a: Tensor): Tensor => executeRaw('Softmax', [F32], [a]);
export const logSoftmax = (a: Tensor): Tensor => executeRaw('LogSoftmax', [F32], [a]);

/** Same elements, other shape; no copy. */
export const reshape = (x: Tensor, shape: readonly number[]): Tensor =>
  executeRaw('Reshape', [F32, INT32_SHAPE], [x, int32(shape)]);
/** `reshape` where the number of axes differs; frees x then. */
export const shaped = (x: Tensor, shape: readonly number[]): Tensor =>
  x.rank === shape.length ? x : freeing(reshape(x, shape), x);
export const broadcastTo = (x: Tensor, shape: readonly number[]): Tensor =>
  executeRaw('BroadcastTo', [F32, INT32_INDEX], [x, int32(shape)]);
export const transpose = (x: Tensor, order: readonly number[]): Tensor =>
  executeRaw('Transpose', [F32, attribute.type('Tperm', DataType.int32)], [x, int32(order)]);
export const slice = (x: Tensor, begin: readonly number[], size: readonly number[]): Tensor =>
  executeRaw('Slice', [F32, attribute.type('Index', DataType.int32)], [x, int32(begin), int32(size)]);
export const concat = (xs: Tensor[], axis: number): Tensor =>
  xs.length === 1
    ? xs[0]!
    : executeRaw('ConcatV2', [attribute.int('N', xs.length), F32, INT32_INDEX], [...xs, int32Scalar(axis)]);
/** Pads with `value`: one [before, after] per axis. */
export const pad = (x: Tensor, paddings: readonly (readonly [number, number])[], value = 0): Tensor =>
  executeRaw(
    'PadV2',
    [F32, attribute.type('Tpaddings', DataType.int32)],
    [x, reshapeInt32(paddings.flat(), [paddings.length, 2]), float32(value)],
  );

export const sum = (x: Tensor, axes: readonly number[], keep = false): Tensor =>
  executeRaw('Sum', [attribute.bool('keep_dims', keep), F32, INT32_INDEX], [x, int32(axes)]);
export const mean = (x: Tensor, axes: readonly number[], keep = false): Tensor =>
  executeRaw('Mean', [attribute.bool('keep_dims', keep), F32, INT32_INDEX], [x, int32(axes)]);
/**
 * Σ over the middle axis: [N, P, C] → [N, 1, C]. As a product with a row of ones, which takes half the time of TensorFlow's
 * sum over an outer axis and, adding in blocks, loses less to rounding.
 */
export const sumMiddle = (x: Tensor): Tensor => batchMatMul(ones([1, 1, x.shape[1]!]), x);
/** The sum of all elements, a scalar. */
export const total = (x: Tensor): Tensor => sum(reshape(x, [x.size]), [0]);

/** a b for matrices, each transposed on demand. */
export const matMul = (a: Tensor, b: Tensor, transposeA = false, transposeB = false): Tensor =>
  executeRaw(
    'MatMul',
    [F32, attribute.bool('transpose_a', transposeA), attribute.bool('transpose_b', transposeB)],
    [a, b],
  );
/** a b for the last two axes, the others being batches. */
export const batchMatMul = (a: Tensor, b: Tensor, transposeA = false, transposeB = false): Tensor =>
  executeRaw('BatchMatMulV2', [F32, attribute.bool('adj_x', transposeA), attribute.bool('adj_y', transposeB)], [a, b]);
export const biasAdd = (x: Tensor, bias: Tensor): Tensor => executeRaw('BiasAdd', [F32, FORMAT], [x, bias]);
export const biasAddGradient = (dy: Tensor): Tensor => executeRaw('BiasAddGrad', [F32, FORMAT], [dy]);

const reshapeInt32 = (values: readonly number[], shape: readonly number[]): Tensor =>
  executeRaw('Reshape', [attribute.type('T', DataType.int32), INT32_SHAPE], [int32(values), int32(shape)]);
const int32Scalar = (value: number): Tensor => reshapeInt32([value], []);

/** Returns `result` after freeing the tensors it was computed from. */
export function freeing(result: Tensor, ...used: Tensor[]): Tensor {
  for (const tensor of used) tensor.dispose();
  return result;
}

/** Applies functions in sequence, freeing intermediate results. */
export function chain(x: Tensor, ...steps: ((x: Tensor) => Tensor)[]): Tensor {
  let y = x;
  for (const step of steps) {
    const next = step(y);
    if (y !== x) y.dispose();
    y = next;
  }
  return y;
}
