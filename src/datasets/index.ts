// What a dataset is, and going through one
export { LruCache } from './lru';
export { MissingDataError, UnreadableImageError } from './errors';
export { fingerprint } from './fingerprint';
export { type AnnotatedDataset, annotated, type ImageDataset, isAnnotated, type Pixels } from './record';
export {
  type LoadedImages,
  loadImages,
  readableSubset,
  type StreamedImage,
  type StreamOptions,
  streamImages,
} from './stream';
// The embedded world
export { type RenderedWorld, StillLife, type StillLifeOptions, stillLife, worldVersion } from './still-life';
// CIFAR in its binary layouts
export { type CifarOptions, cifar10, cifar10File, cifar100 } from './cifar';
export { cifar10Classes, cifar100Classes } from './cifar-classes';
export {
  cifar10Places,
  cifar100Places,
  findCifar10,
  localCifar10,
  localCifar100,
  type UnpackOptions,
  unpackCifar10Sprites,
} from './find-cifar';
export {
  type Archive,
  cifar10Archive,
  cifar100Archive,
  downloadArchive,
  downloadCifar10,
  downloadCifar100,
  DownloadError,
  type DownloadOptions,
} from './download';
// Pools, ranges of classes, image folders, and the subsets of ImageNet
export { type ClassRange, classRange } from './class-range';
export { type PoolOptions, pool, poolPlaces } from './pool';
export type { LeftOut, Split } from './folder-layout';
export { ImageFolder, type ImageFolderListing, type ImageFolderOptions, imageFolder } from './image-folder';
export { knownFolder, rememberFolder } from './known-folders';
export { type ImageNetClass, imageNetClass, imageNetClasses } from './imagenet-classes';
export {
  type ImageNetSubset,
  imageIdc,
  imageNet100,
  imageNet1k,
  imageNetSubsets,
  imageNette,
  imageWoof,
} from './subsets';
// Pixels
export { type ImageShape, objectBounds, objectPixels, squareAround } from './object-bounds';
export { type RandomResizedCropOptions, randomCropBox, randomResizedCropBox } from './augment';
export { type AxisMap, resampleImages } from './resample';
export { type Kernel, resizePixels } from './resize';
export {
  type Box,
  centreSquare,
  composeGrid,
  crop,
  type DecodeOptions,
  decodeImage,
  encodePng,
} from './pixels';
export { imagesToTensor, type TensorRange, tensorToImages } from './tensor';
