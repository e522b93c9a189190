// Images learned by gradients: DM, DSA and IDC-1
export { type DmOptions, distributionMatching, dmSettings } from './dm';
export { type DsaOptions, dsaSettings, gradientMatching } from './dsa';
export { type IdcOptions, idc, idcSettings } from './idc';
export type { LearningCheckpoint } from './learned-images';
