// What a dataset is
export { fingerprint } from './fingerprint';
export type { AnnotatedDataset, ImageDataset, Pixels } from './record';
// The embedded world
export { type RenderedWorld, StillLife, type StillLifeOptions, stillLife } from './still-life';
