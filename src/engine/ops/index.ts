/** The operations of networks, NHWC, each with its own gradient. */

export { type GeluOptions, gelu, quickGelu, relu, silu } from './activations';
export { type AttentionOptions, attention } from './attention';
export { type MultiHeadAttentionOptions, multiHeadAttention } from './multi-head-attention';
export { type BatchNormOptions, batchNorm } from './batch-norm';
export { type BatchNormReluOptions, batchNormRelu } from './batch-norm-relu';
export { type Conv2dOptions, conv2d, depthwiseConv2d, type ExplicitPadding } from './convolution';
export { dense } from './dense';
export { denseGelu } from './dense-gelu';
export { type GegluOptions, geglu } from './geglu';
export {
  type DistillationOptions,
  distillationLoss,
  meanSquaredError,
  softmaxCrossEntropy,
  softTargetCrossEntropy,
} from './losses';
export { type GroupNormOptions, groupNorm, instanceNorm, type NormOptions } from './group-norm';
export { layerNorm } from './layer-norm';
export { gatedAdd, modulatedLayerNorm } from './modulation';
export { avgPool2d, globalAveragePool, maxPool2d, type PoolOptions } from './pooling';
export { relu6 } from './relu6';
export { resizeBilinear, resizeNearest, type Size } from './resize';
export { twice } from './twice';
export { recordedGradients } from './twice-differentiable';
