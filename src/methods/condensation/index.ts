// Images learned by gradients: DM, DSA, IDC-1, IDM and, by their latents, GLaD
export { type DmOptions, distributionMatching, dmSettings } from './dm';
export { type DsaOptions, dsaSettings, gradientMatching } from './dsa';
export { type GladOptions, glad, gladSettings } from './glad';
export { type IdcOptions, idc, idcSettings } from './idc';
export { type IdmOptions, idmSettings, improvedDistributionMatching } from './idm';
export type { LearningCheckpoint } from './learning-loop';
