export {
  loadGradually,
  openWeights,
  readJson,
  saveModel,
  type WeightsName,
  weightsBytes,
  writeJson,
} from './diffusers';
export type { ReadOptions } from './read-options';
export { SafetensorsFile, type WriteOptions, writeSafetensors } from './safetensors';
export { SafetensorsError } from './safetensors-header';
export { PickleError } from './pickle';
export { TorchFile, type TorchOptions } from './torch';
