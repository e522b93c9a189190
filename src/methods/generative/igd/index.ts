// IGD: influence-guided sampling
export { type IgdOptions, igd, igdSettings } from './igd';
export { igdSurrogates, surrogateSettings, type SurrogateWeights } from './surrogates';
