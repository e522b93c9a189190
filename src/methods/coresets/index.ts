// Coresets: whole real images, chosen by a trained classifier
export { type GrandObserver, type GrandOptions, grandSelection, grandSettings } from './grand';
export { type HerdingOptions, herdingSelection, herdingSettings } from './herding';
export { type KCenterOptions, kCenterSelection, kCenterSettings } from './k-center';
