// The tour
export { type MapExample, openTour, settingsBesideThePaper, stillLifeTour, Tour, type TourSettings } from './tour';
export { cifar10Tour, openCifar10Tour } from './tour';
export { mapPicture, type PictureOptions } from './pictures';
// Paper 001
export {
  type BoundClass,
  type BoundDistillation,
  bindDistillation,
  type DistillationSettings,
  distillationSettings,
} from './diffusion-driven-selection/bind';
export { scoredImagesOf } from './diffusion-driven-selection/maps';
// What experiments are made of
export { type DatasetDescription, datasetSchema, describeFolder, openDataset } from './datasets';
export { loadPrior } from './load-prior';
export { priorFingerprint, priorFolder, priors } from './priors';
export * from './stages';
export { type StoredTeacher, teacher } from './stages/teacher';
export { bindTeacherCheckpoint, type CheckpointTeacher, teacherCheckpoint } from './stages/teacher-checkpoint';
export { teacherAnswers } from './stages/teacher-answers';
export { bindSharingStudent, bindStudent, student, type StudentInputs, type StudentSettings } from './stages/student';
// Sweeps: an ablation declared, a chart of it that fills in
export {
  type LiveChart,
  liveChart,
  selectionAblation,
  type SelectionAblation,
  type SelectionAblationOptions,
} from './ablations';
// Commands
export { type TrainPriorCommandOptions, trainPriorCommand } from './commands/train-prior';
