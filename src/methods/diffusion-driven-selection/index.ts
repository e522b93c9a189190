// Paper 001 as one call
export { type DiffusionDrivenSelectionOptions, diffusionDrivenSelection } from './diffusion-driven-selection';
export { type GivenFeatures, type GivenSettings, settingsFor } from './defaults';
export { imagesNeeded } from './images-needed';
export { type DistillationPlan, planDistillation } from './plan';
export { passesPerImage } from './passes';
// The whole method in memory
export { type CandidatesTask, candidatesOfClass, type Distillation, distil } from './distil';
export {
  type CandidateSettings,
  type ChoiceSettings,
  type DiffusionDrivenOptions,
  type DiffusionDrivenSettings,
  type DiftSettings,
  diffusionDrivenSettings,
  type FeatureSettings,
  type ScoreSettings,
  smallPriorSettings,
} from './settings';
export { labelPrompt } from './prompts';
// Stage I: scores and patches
export { type DrawGroup, drawGroups } from './bands';
export { type Candidates, candidatePatches, type ScoredImage, type ScoredPatch } from './candidates';
export { type ClassImages, type EncodedImages, type EncodeSettings, encodeClass } from './encode';
export { bestPatches, type PixelMap, patchScores } from './patch';
export { type GroupSettings, scoreImages } from './score';
// Stage II: features, clusters and the IPC rule
export { allocate, type AllocateOptions, type Choice, mosaicFactor } from './allocate';
export { type Cluster, type ClusterOptions, rankedClusters } from './cluster';
export { type ComposeSetOptions, composeSelections } from './compose';
export { clipFeatures } from './clip-features';
export { imageFeatureGrids } from './image-features';
export { patchFeatures } from './patch-features';
export { type ChosenPatch, factorOf, type Selection, selectPatches } from './select';
