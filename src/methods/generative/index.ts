// Comparators that generate: D4M, MGD3, IGD, D3HR
export { type GenerativePrior, promptSettings } from './conditioned-prior';
export { type ClassGaussianOptions, classGaussian, classGaussianSettings } from './class-gaussian';
export { type D3hrOptions, d3hr, d3hrSettings } from './d3hr';
export { type D4mOptions, d4m, d4mPrompts, d4mSettings } from './d4m';
export type { DiagonalGaussian } from './group-sampling';
export * from './igd';
export { type Mgd3Options, mgd3, mgd3Settings } from './mgd3';
