// TensorFlow and the door to its raw operations

// Operations with their gradients
export * from './ops';
export type { LongTask, OnProgress, Progress } from './progress';
// Long work: progress and interrupts
export { breathe, cellSignal } from './progress';
export type { NoiseOptions, Pair, Quad } from './random';
// Random numbers by counter
export { gaussianNoise, philox4x32, RandomStream } from './random';
export { attribute, backend, DataType, differentiable, executeRaw, executeRawMany, F32, float32, int32 } from './raw';
export type { NamedTensorMap, Scalar, Tensor, Tensor1D, Tensor2D, Tensor3D, Tensor4D, Variable } from './tensorflow';
export { tf } from './tensorflow';
export { type Watcher, watching, watchOperations, withinLayer } from './trace';
