// IGD: influence-guided sampling
export { type IgdOptions, igd, igdSettings } from './igd';
