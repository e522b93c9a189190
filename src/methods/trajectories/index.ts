// Images that lead students along experts' trajectories: TESLA and DATM
export { type DatmOptions, datm, datmSettings } from './datm';
export { type ExpertOptions, expertSettings, trainExpert } from './expert';
export { type TeslaOptions, tesla, teslaSettings } from './tesla';
export { readTrajectory, type Trajectory, trajectoryOf, writeTrajectory } from './trajectory';
