/**
 * Everything a notebook imports from 'stillhouse': what is used in every cell by name, and the library by folder.
 *
 *     import { openTour, show, methods } from 'stillhouse';
 */
// By folder, in the order of the data
export * as engine from './engine';
export * as datasets from './datasets';
export * as models from './models';
export * as diffusion from './diffusion';
export * as methods from './methods';
export * as evaluation from './evaluation';
export * as sweeps from './sweeps';
export * as experiments from './experiments';
// By name
export * from './charts';
export {
  bindDistillation,
  mapPicture,
  openCifar10Tour,
  openTour,
  settingsBesideThePaper,
  Tour,
} from './experiments';
export { run } from './sweeps';
