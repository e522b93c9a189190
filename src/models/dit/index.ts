export { type DiTConfig, type DiTSize, originalDiT, readDiTConfig } from './config';
export { addGammas, DIFFFIT_NAMES, foldGammas, isDiffFitTrainable } from './difffit';
export { DiT } from './dit';
export { embeddingsAgree, hasOriginalNames, originalName } from './names';
