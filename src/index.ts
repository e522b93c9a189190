/**
 * Everything a notebook imports from 'stillhouse': the calls of a whole experiment by name, and the library by folder.
 * The README has them on one page.
 *
 *     import { diffusionDrivenSelection, loadPrior, show, methods } from 'stillhouse';
 */
// By folder, in the order of the data
export * as engine from './engine';
export * as datasets from './datasets';
export * as models from './models';
export * as diffusion from './diffusion';
export * as methods from './methods';
export * as evaluation from './evaluation';
export * as sweeps from './sweeps';
export * as charts from './charts';
export * as experiments from './experiments';
// Images
export { cifar10, cifar100, type ImageDataset, imageFolder, pool, stillLife } from './datasets';
// Priors
export { loadPrior } from './experiments';
export { type LatentDiffusion, trainPriorOn } from './diffusion';
// Distilled sets
export {
  type DistilledSet,
  d3hr,
  d4m,
  datm,
  diffusionDrivenSelection,
  distributionMatching,
  glad,
  gradientMatching,
  grandSelection,
  herdingSelection,
  idc,
  improvedDistributionMatching,
  kCenterSelection,
  loadDistilledSet as load,
  igd,
  mgd3,
  minimaxDiffusion,
  oracleSelection,
  randomSelection,
  rdedSelection,
  saveDistilledSet as save,
  selfAdaptiveMemory,
  sre2l,
  tesla,
  trainExpert,
} from './methods';
// What they are worth
export { type EvaluationRow, evaluate, featureEvidence, trainTeacherOn } from './evaluation';
// Tables, charts, pictures
export {
  barChart,
  control,
  distilledPicture,
  heatMap,
  imageGrid,
  lineChart,
  liveOutput,
  resultsTable,
  saveChart,
  scatter,
  show,
  showMarkdown,
  showProgress,
} from './charts';
// Experiments of the papers
export {
  coverageOf,
  diagnosisOf,
  fineTuningsOf,
  firstImages,
  localisationOf,
  mapExamples,
  mapPicture,
  openExhibit,
  openExperiment,
  openWhereThere,
} from './experiments';
export { run } from './sweeps';
