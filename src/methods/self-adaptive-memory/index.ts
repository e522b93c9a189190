// Paper 000: minimax fine-tuning with memories of real and generated latents; Minimax diffusion is the same with queues
export { type DrawOptions, drawBatch, stepsPerEpoch } from './batches';
export { minimaxDiffusion, type SelfAdaptiveMemoryOptions, selfAdaptiveMemory } from './distil';
export { type FineTuneOptions, type FineTuning, minimaxFineTune } from './fine-tune';
export { type FineTunedPrior, type FineTunePriorOptions, fineTunePrior } from './fine-tune-prior';
export { requireImagesToTuneOn } from './images-to-tune-on';
export { generateImages, type WantedImage } from './generate';
export { type GeneratedSetOptions, generatedSet } from './generated-set';
export { type MemoryLosses, memoryLosses } from './losses';
export { Memories, type MemoryKind, type MemoryRow, type SeenLatents } from './memories';
export { LatentMemory, type MemoryEntry, type MemoryPolicy } from './memory';
export { type DitSamplingOptions, ditSampling } from './sampling';
export {
  type DitSamplingSettings,
  ditSamplingSettings,
  type FineTuningSettings,
  fineTuningSettings,
  type MemorySettings,
  memorySettings,
} from './settings';
export type { LossTerms, TermMeans } from './terms';
