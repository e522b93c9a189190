// TensorFlow and its raw operations, the device, training, operations, random numbers, long tasks

// The device and the memory
export { type DeviceReport, deviceReport, type MemoryReport, memoryReport } from './device';
export { type GuardOptions, guardFinite, guardFiniteWeights, NonFiniteLossError } from './finite';
// Training: gradients, update rules, and a stop if the loss is not finite
export {
  type GradientOptions,
  type LossAndGradients,
  lossAndGradients,
  type NamedGradients,
  type NamedVariables,
  withoutGradients,
} from './gradients';
// Operations with gradients
export * from './ops';
export * from './optimisers';
export { type Precision, precision, precisions, quickestPrecision, withPrecision } from './precision';
// Long tasks: progress and interrupts
export type { LongTask, OnProgress, Progress } from './progress';
export { breathe, cellSignal, pacedProgress } from './progress';
// Random numbers by counter
export type { NoiseOptions, Pair, Quad } from './random';
export { gaussianNoise, philox4x32, RandomStream } from './random';
export { attribute, backend, DataType, differentiable, executeRaw, executeRawMany, F32, float32, int32 } from './raw';
export type { NamedTensorMap, Scalar, Tensor, Tensor1D, Tensor2D, Tensor3D, Tensor4D, Variable } from './tensorflow';
export { tf } from './tensorflow';
export { type Observation, type Watcher, watchOperations, withinLayer } from './trace';
