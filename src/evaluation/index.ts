// Images as networks take them
export {
  imageNetNormalisation,
  type LabelledImages,
  loadDistilled,
  loadLabelled,
  type LoadOptions,
  normalise,
  type Normalisation,
} from './images';
export { augment, type Augmentation } from './augment';
export { cutMix, type CutMixDraw, drawCutMix } from './cutmix';
// Networks and protocols
export { buildNetwork, type Classifier, type NetworkName } from './networks';
export {
  type ByImagesPerClass,
  type CellOptions,
  type CellSettings,
  cellSettings,
  hardLabelProtocol,
  idcProtocol,
  isTested,
  type OptimiserSettings,
  type Protocol,
  rdedProtocol,
} from './protocols';
// Training and measuring
export { accuracy, confusion, meanAndDeviation, predict, shareRight } from './accuracy';
export {
  checkTeacher,
  loadTeacher,
  saveTeacher,
  selfCheck,
  type Teacher,
  type TeacherOptions,
  type TrainedTeacher,
  trainTeacher,
  UnfitTeacherError,
} from './teacher';
export { teacherAnswers, type TeacherAnswersOptions } from './teacher-answers';
export { type StudentOptions, type StudentResult, trainStudent } from './train-student';
export { evaluate, type EvaluateOptions, type EvaluationRow } from './evaluate';
export { type StorageReport, storage } from './storage';
// Against the embedded world's ground truth
export {
  type BoxLocalisation,
  localisation,
  type LocalisationOptions,
  type LocalisationReport,
  localiseBox,
  peakOf,
} from './localisation';
export { type ClassCoverage, type CoverageOptions, type CoverageReport, modeCoverage } from './coverage';
