// What every folder may use: means over seeds, words for figures, progress, files. No TensorFlow, nothing of the science
export { cellSignal } from './cell-signal';
export { hashFile } from './file-hash';
export { groupBy } from './group-by';
export type { OnProgress, Progress } from './progress';
export { confidenceInterval, formatSummary, meanAndDeviation, studentQuantile, type Summary } from './statistics';
export { type StatusLine, type StatusLineOptions, statusLine } from './status-line';
export { bytesText, duration, fixed } from './units';
export { hindranceToWriting, writeWhole } from './whole-file';
