// Modules and layers

export * from './layers';
export { type Layout, type LoadOptions, Module, Parameter, type StoredTensor, type TensorSource } from './module';

// Latent diffusion, in the diffusers format

export * from './clip';
export { type RawConfig, readConfig } from './config';
export { type Denoiser, inPrecision } from './denoiser';
export * from './dit';
export type { Timesteps } from './time-embedding';
export * from './unet';
export { type AutoencoderConfig, AutoencoderKL, type Posterior } from './vae';

// Weights on disk

export * from './checkpoint';

// Training, and the networks that evaluate distilled sets

export { ConvNet, type ConvNetOptions } from './convnet';
export { convNetFeatures, twiceDifferentiableConvNet } from './convnet-passes';
export { EfficientNet, type EfficientNetOptions } from './efficientnet';
export type { InitialWeights } from './initial';
export { MobileNetV2, type MobileNetV2Options } from './mobilenet-v2';
export { ResNet, type ResNetOptions } from './resnet';
export { ResNet20 } from './resnet20';
export { ResNetAP, type ResNetAPOptions } from './resnet-ap';
export { SwinTransformer, type SwinTransformerOptions } from './swin-transformer';
export { type TrainingReport, type TrainingState, type TrainModuleOptions, trainModule } from './train-module';
export { VisionTransformer, type VisionTransformerOptions } from './vision-transformer';
