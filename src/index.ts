/**
 * Everything a notebook imports from 'stillhouse': what is used in every cell by name, and the library by folder.
 *
 *     import { experiments, openExperiment, show } from 'stillhouse';
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
  coverageOf,
  diagnosisOf,
  firstImages,
  localisationOf,
  mapExamples,
  mapPicture,
  openExperiment,
  openWhereThere,
} from './experiments';
export { run } from './sweeps';
