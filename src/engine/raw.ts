/**
 * Access to TensorFlow's own operations: `executeRaw` runs one by name, `differentiable` adds an operation with a
 * hand-written gradient to tfjs's tape. Use `tf.*` where tfjs's kernels are right and fast, and these where they are
 * slow, wrong or missing (see ops/).
 */
import { type Tensor, tf } from './tensorflow';
import { observe } from './trace';

/** TensorFlow's numbers for the element types that we use. */
export const DataType = { float32: 1, int32: 3, int64: 9, bool: 10, bfloat16: 14, float16: 19 } as const;

export interface Attribute {
  name: string;
  type: number;
  value: unknown;
}

interface Binding {
  TF_Version: string;
  TF_ATTR_TYPE: number;
  TF_ATTR_INT: number;
  TF_ATTR_STRING: number;
  TF_ATTR_BOOL: number;
  TF_ATTR_FLOAT: number;
  TF_ATTR_SHAPE: number;
  executeOp(name: string, attributes: Attribute[], inputs: number[], outputs: number): { id: number }[];
  deleteTensor(id: number): void;
}

/** The parts of tfjs's Node backend that its types keep private. */
export interface NodeBackend {
  isUsingGpuDevice: boolean;
  binding: Binding;
  tensorMap: { get(dataId: object): { id: number; values: unknown } };
  executeSingleOutput(name: string, attributes: Attribute[], inputs: Tensor[]): Tensor;
  executeMultipleOutputs(name: string, attributes: Attribute[], inputs: Tensor[], outputs: number): Tensor[];
}

let nodeBackend: NodeBackend | undefined;

/** tfjs's backend on the native library. @throws if another backend is current */
export function backend(): NodeBackend {
  if (nodeBackend) return nodeBackend;
  if (tf.getBackend() !== 'tensorflow') {
    throw new Error(
      `Expected tfjs's backend to be 'tensorflow', got '${tf.getBackend()}'. Call tf.setBackend('tensorflow').`,
    );
  }
  nodeBackend = tf.backend() as unknown as NodeBackend;
  return nodeBackend;
}

const { binding } = backend();
/** Makers of op attributes, by kind. */
export const attribute = {
  type: (name: string, value: number): Attribute => ({ name, type: binding.TF_ATTR_TYPE, value }),
  int: (name: string, value: number | readonly number[]): Attribute => ({ name, type: binding.TF_ATTR_INT, value }),
  string: (name: string, value: string): Attribute => ({ name, type: binding.TF_ATTR_STRING, value }),
  bool: (name: string, value: boolean): Attribute => ({ name, type: binding.TF_ATTR_BOOL, value }),
  float: (name: string, value: number): Attribute => ({ name, type: binding.TF_ATTR_FLOAT, value }),
  shape: (name: string, value: readonly number[]): Attribute => ({ name, type: binding.TF_ATTR_SHAPE, value }),
};
/** `T = float32`, which most ops need. */
export const F32: Attribute = attribute.type('T', DataType.float32);

/** Runs a TensorFlow op with one output. */
export function executeRaw(name: string, attributes: Attribute[], inputs: Tensor[]): Tensor {
  return backend().executeSingleOutput(name, attributes, inputs);
}

/** Runs a TensorFlow op with `outputs` outputs (0 for an op run for its effect). */
export function executeRawMany(name: string, attributes: Attribute[], inputs: Tensor[], outputs: number): Tensor[] {
  return backend().executeMultipleOutputs(name, attributes, inputs, outputs);
}

const constants = new Map<string, Tensor>();
function constant(key: string, make: () => Tensor): Tensor {
  let tensor = constants.get(key);
  if (!tensor || tensor.isDisposed) {
    tensor = tf.keep(make());
    constants.set(key, tensor);
  }
  return tensor;
}
/** A kept int32 vector: the same shapes and axes are needed thousands of times. */
export const int32 = (values: readonly number[]): Tensor =>
  constant(`i${values.join()}`, () => tf.tensor1d(values as number[], 'int32'));
/** A kept float32 scalar. Only for values of which there are few (epsilons, 1/n), as it is never freed. */
export const float32 = (value: number): Tensor => constant(`f${value}`, () => tf.scalar(value, 'float32'));
/** A kept tensor of ones. Only for shapes of which there are few, as it is never freed. */
export const ones = (shape: readonly number[]): Tensor =>
  constant(`o${shape.join()}`, () => tf.ones(shape as number[]));

/** A hand-written operation with its gradient. */
export interface Differentiable<Names extends string> {
  /** For messages: 'conv2d'. */
  name: string;
  /** Named inputs; the gradient function returns one gradient per name. */
  inputs: Record<Names, Tensor>;
  /** Computes the output; `save` keeps tensors for the gradient (freed as soon as it has run). */
  forward(save: (...tensors: Tensor[]) => void): Tensor;
  /**
   * From dL/doutput and the saved tensors to one function per name. Only the functions on a path to a wanted variable
   * are called, so the gradient of an image or a frozen weight costs nothing. Compute what several of them share in the
   * body: tensors made inside one of the functions don't outlive it.
   */
  backward(dy: Tensor, saved: Tensor[]): Record<Names, () => Tensor>;
}

let gradientsOwned = false;

/** Runs `body` while operations own the gradients that they get, as in our walk of the tape but not in tfjs's. */
export function owningGradients<Result>(body: () => Result): Result {
  const outer = gradientsOwned;
  gradientsOwned = true;
  try {
    return body();
  } finally {
    gradientsOwned = outer;
  }
}

/** Frees an operation's `dy`, or a reshaped view of it, after its last use, if the operation owns it. */
export function consume(...dys: Tensor[]): void {
  if (gradientsOwned) for (const dy of dys) dy.dispose();
}

/** Whether operations are being recorded for a gradient. */
export function isRecording(): boolean {
  const { state } = tf.engine() as unknown as { state: { gradientDepth: number; kernelDepth: number } };
  return state.gradientDepth > 0 && state.kernelDepth === 0;
}

interface KernelRunner {
  runKernelFunc(invocation: {
    forwardFunc(backend: unknown, save: (tensors: Tensor[]) => void): Tensor;
    backwardsFunc(dy: Tensor, saved: Tensor[]): Record<string, () => Tensor>;
    inputs: Record<string, Tensor>;
  }): Tensor;
}

/** Runs `operation` and puts it on tfjs's tape with its own gradient. */
export function differentiable<Names extends string>(operation: Differentiable<Names>): Tensor {
  const output = (tf.engine() as unknown as KernelRunner).runKernelFunc({
    inputs: operation.inputs,
    forwardFunc: (_, save) => operation.forward((...tensors) => save(tensors)),
    backwardsFunc: (dy, saved) => operation.backward(dy, saved),
  });
  observe(operation.name, operation.inputs, output);
  return output;
}
