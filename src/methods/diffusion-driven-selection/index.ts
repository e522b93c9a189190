// Paper 001: stage I (scores and patches), stage II (clusters and the IPC rule)
export { allocate, type AllocateOptions, type Choice, mosaicFactor } from './allocate';
export { type Cluster, type ClusterOptions, rankedClusters } from './cluster';
export { bestPatches, type PixelMap, patchScores, type ScoredPatch } from './patch';
export { candidatePatches, type ClassScores, type Selection, selectPatches } from './select';
export {
  type FeatureSettings,
  labelPrompt,
  paperFeatures,
  paperScores,
  paperSelection,
  type ScoreSettings,
  type SelectSettings,
} from './settings';
export {
  type ClassImages,
  type Distillation,
  distilFromScores,
  encodeClass,
  featuresOfClass,
  scoreClass,
} from './distil';
