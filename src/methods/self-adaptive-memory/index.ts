// Paper 000: minimax fine-tuning with memories of real and generated latents; Minimax diffusion is the same with queues
export { type DrawOptions, drawBatch, stepsPerEpoch } from './batches';
export { type FineTuneOptions, type FineTuning, minimaxFineTune } from './fine-tune';
export { type MemoryLosses, memoryLosses } from './losses';
export { Memories, type MemoryKind, type MemoryRow, type MemorySettings, type SeenLatents } from './memories';
export { LatentMemory, type MemoryEntry, type MemoryPolicy } from './memory';
export {
  type DitSamplingSettings,
  type FineTuningSettings,
  minimaxFineTuning,
  paperFineTuning,
  paperSampling,
} from './settings';
export type { LossTerms, TermMeans } from './terms';
