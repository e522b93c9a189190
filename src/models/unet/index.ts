export { Attention, Transformer2DModel } from './attention';
export { readUNetConfig, type UNetConfig } from './config';
export { Downsample2D, ResnetBlock2D, Upsample2D } from './resnet';
export { UNet2DConditionModel, type UNetOptions, type UNetOutput } from './unet';
