// Comparators that generate: D4M
export { type GenerativePrior, promptSettings } from './conditioned-prior';
export { type D4mOptions, d4m, d4mPrompts, d4mSettings } from './d4m';
