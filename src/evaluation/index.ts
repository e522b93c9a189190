// Images as networks take them
export {
  imageNetNormalisation,
  type LabelledImages,
  loadDistilled,
  loadLabelled,
  type LoadOptions,
  type Normalisation,
  openLabelled,
  type OpenOptions,
  ResidentImages,
} from './images';
export { augment, type Augmentation } from './augment';
export { cutMix, type CutMixDraw, drawCutMix } from './cutmix';
// Networks and protocols
export {
  buildNetwork,
  type Classifier,
  type NetworkName,
  networkName,
  type NetworkParts,
  networkSchema,
  parseNetwork,
} from './networks';
export {
  type ByImagesPerClass,
  type Exception,
  hardLabelProtocol,
  idcProtocol,
  isTested,
  type OptimiserSettings,
  type Protocol,
  type ProtocolName,
  protocols,
  rdedProtocol,
} from './protocols';
export { type CellOptions, type CellSettings, cellSettings, exceptionOf, expectNorm, type RecipeChanges } from './cell';
// Training and measuring
export { accuracy, confusion, predict, shareRight } from './accuracy';
export { type Teacher, type TeacherOptions, type TrainedTeacher, trainTeacher } from './teacher';
export { type TrainTeacherOnOptions, trainTeacherOn } from './train-teacher-on';
export { checkTeacher, selfCheck, UnfitTeacherError } from './self-check';
export { cutToClasses } from './imagenet-head';
export { type CheckpointOptions, loadCheckpoint, loadTeacher, saveTeacher } from './teacher-files';
export { teacherAnswers, type TeacherAnswersOptions } from './teacher-answers';
export { type StudentOptions, type StudentResult, trainStudent } from './train-student';
export { learnedAnswers, type LearnedAnswersOptions } from './learned-labels';
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
// Against real images, in a feature space
export type { FeatureVector } from './distances';
export { type PrecisionRecall, type PrecisionRecallOptions, precisionRecall } from './precision-recall';
export { type NearestReal, type NearestRealOptions, type NearestRealReport, nearestReal } from './nearest-real';
export { type PenultimateOptions, penultimateFeatures } from './penultimate';
export { type FeatureEvidence, type FeatureEvidenceOptions, featureEvidence } from './feature-evidence';
export {
  type AugmentationRobustness,
  augmentationRobustScore,
  type LabelRobustness,
  labelRobustScore,
  type LabelRobustScore,
} from './dd-ranking';
export { type PlanePoint, tsne, type TsneOptions } from './tsne';
