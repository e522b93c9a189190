// Costly, one piece per image
export { type LossPiece, noiseLosses } from './noise-losses';
export { imageFeatures } from './diffusion-features';
export { type ImageItem, imageItems } from './images';
export { dequantise, quantise, type StoredArray } from './quantised';
// Of one class, from what is stored
export { candidates, scoredImages } from './candidates';
export { clipFeatures } from './clip-features';
export { selection } from './selection';
// A fine-tuned prior, and images drawn from one
export { fineTunedPrior, type StoredFineTuning } from './fine-tuned-prior';
export { generatedImages } from './generated-images';
export { generatedSet } from './generated-set';
// Distilled sets
export { distilledSet } from './distilled-set';
export { randomControl } from './random-selection';
export { oracleControl } from './oracle-selection';
export { evidenceInFeatures, type StoredEvidence } from './feature-evidence';
export { type FeatureMap, featureMap, type MappedImages } from './feature-map';
export { rdedSelected } from './rded-selection';
export { kCenterSelected } from './k-center-selection';
export { herdingSelected } from './herding-selection';
export { gladSet } from './glad-set';
export { grandSelected } from './grand-selection';
export { bindD3hr, type D3hrSetSettings } from './d3hr';
export { d4mSet } from './d4m';
export { dmSet } from './dm-set';
export { dsaSet } from './dsa-set';
export { idcSet } from './idc-set';
export { idmSet } from './idm-set';
export { type ExpertsChoice, expertTrajectories } from './expert-trajectories';
export { bindTesla, type TeslaSetSettings } from './tesla-set';
export { bindDatm, type DatmSetSettings } from './datm-set';
export { bindSre2l, type Sre2lSetSettings } from './sre2l-set';
export { bindIgd } from './igd';
export { mgd3Set } from './mgd3';
// Teachers and students
export { type StoredTeacher, teacher, withTeacher } from './teacher';
export { bindTeacherCheckpoint, type CheckpointTeacher, teacherCheckpoint } from './teacher-checkpoint';
export { teacherAnswers } from './teacher-answers';
export { bindSharingStudent, bindStudent, student, type StudentInputs, type StudentSettings } from './student';
