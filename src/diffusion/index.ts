// Noise losses, maps and features of a prior

export { type FeatureGrid, pooledFeature, pooledGrid, type Region, unitVector } from './feature-grid';
export { type DiffusionFeatureOptions, diffusionFeatures } from './features';
export {
  type DifferentialLossOptions,
  differentialLosses,
  type Latents,
  type LossMaps,
  type NoiseSharing,
} from './noise-loss';
export { meanMap, type NoiseMap, upsampledMap } from './noise-map';
export { type DrawOptions, type NoiseDraw, noiseDraws } from './timesteps';

// Schedules and whole priors

export type { ImageNormalisation } from './clip-images';
export { readKnownClasses, requireKnownClasses, UnknownClassError } from './known-classes';
export { ClassConditionalDiffusion, type ClassConditionalParts, type ClassSampleOptions } from './class-conditional';
export { type DenoiserOutput, type Prediction, predictedNoise, readPrediction } from './prediction';
export { loadAutoencoder } from './load-autoencoder';
export { hasImageEncoder, LatentDiffusion, type LatentDiffusionParts } from './pipeline';
export {
  betas,
  LEARNED_VARIANCE_SCHEDULE,
  NoiseSchedule,
  type ScheduleConfig,
  STABLE_DIFFUSION_SCHEDULE,
} from './schedules';

// The loss of a denoiser that learns its variance

export { DenoisingLoss, type DenoisingTerms, type NoisyBatch } from './denoising-loss';
export { type BoundInput, VariationalBound } from './variational-bound';

// Sampling

export { type GuidedDenoiser, guidedOutput } from './guidance';
export { type InvertOptions, invert } from './invert';
export { type ItemNoise, type SampleOptions, type StepState, sample } from './sample';
export {
  ddimStep,
  ddpmStep,
  learnedLogVariance,
  type SamplerName,
  type SamplerStep,
  type StepInput,
  type StepOutput,
  samplerSteps,
  type TimestepSpacing,
} from './samplers';

// Training of priors

export { type CardOptions, priorCard } from './training/card';
export {
  type BatchOptions,
  type EncodeOptions,
  encodeDataset,
  type ImageLatents,
  type LatentBatch,
  latentBatch,
} from './training/image-latents';
export type { LatentStack } from './training/denoiser';
export type { ImageStack } from './training/images';
export { type PlannedPart, planTraining, type TrainingPlan } from './training/plan';
export {
  cifar10Prior,
  type PriorPart,
  type PriorRecipe,
  type PriorRecipeOptions,
  type PriorSize,
  priorRecipe,
  priorSizes,
  stillLifePrior,
} from './training/recipes';
export { savePrior } from './training/save-prior';
export { type PriorReport, type TrainPriorOptions, trainPrior } from './training/train-prior';
export { type TrainedPrior, type TrainPriorOnOptions, trainPriorOn } from './training/train-prior-on';
export { type DitRecipe, stillLifeDit } from './training/dit-recipe';
export { ditCard, saveDitPrior } from './training/save-dit';
export {
  type DitReport,
  type DitTraining,
  type TrainDitPriorOptions,
  trainDit,
  trainDitPrior,
} from './training/train-dit';
