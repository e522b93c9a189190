// The output of every method
export { composeImages, type ComposeOptions, composeSet, imagesByClass, makeSet, type SetOptions } from './compose';
export { imagesForPatches, type NeededImages, requireEnoughImages, TooFewImagesError } from './enough-images';
export {
  type DistilledImage,
  type DistilledSet,
  distilledFingerprint,
  imageBytes,
  type PatchSource,
} from './distilled-set';
export { loadDistilledSet, requireSavable, type SavedAs, saveDistilledSet } from './distilled-folder';
export { distilledDataset } from './distilled-dataset';
// The methods
export { readSettings } from './read-settings';
export * from './condensation';
export * from './coresets';
export * from './diffusion-driven-selection';
export * from './self-adaptive-memory';
export * from './generative';
export { type OracleSelectionOptions, oracleSelection, oracleSettings } from './oracle-selection';
export { type RandomSelectionOptions, randomSelection, randomSettings } from './random-selection';
export { type Observer, type RdedOptions, rdedSelection, rdedSettings } from './rded';
export * from './sre2l';
export * from './trajectories';
