/** Update rules, averages, clipping and learning rates. */

export { Adam, type AdamOptions, AdamW, type AdamWOptions } from './adam';
export { clipByGlobalNorm } from './clip';
export { Ema, type EmaOptions } from './ema';
export { Optimiser, type OptimiserState } from './optimiser';
export { constantRate, cosineRate, halfCosineRate, multiStepRate, type Schedule, withWarmUp } from './schedules';
export { Sgd, type SgdOptions } from './sgd';
