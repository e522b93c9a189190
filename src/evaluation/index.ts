// Images as networks take them
export {
  imageNetNormalisation,
  type LabelledImages,
  loadDistilled,
  loadLabelled,
  normalise,
  type Normalisation,
} from './images';
export { type CropOptions, cutMix, type Mixed, randomResizedCrop, shufflePatches } from './augment';
// Networks and protocols
export { buildNetwork, type Classifier, type NetworkName } from './networks';
export { hardLabelProtocol, type Protocol, rdedBatchSize, rdedProtocol } from './protocols';
// Training and measuring
export { accuracy, meanAndDeviation } from './accuracy';
export { checkTeacher, type Teacher, type TeacherOptions, trainTeacher } from './teacher';
export { type StudentOptions, type StudentResult, trainStudent } from './train-student';
export { evaluate, type EvaluateOptions, type EvaluationRow } from './evaluate';
