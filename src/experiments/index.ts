// The tour
export { tour, tourPhotos, tourScale } from './tour';
export {
  coverageOf,
  firstImages,
  localisationOf,
  type MapExample,
  mapExamples,
} from './diffusion-driven-selection/inspect';
export { mapPicture, type PictureOptions } from './pictures';
export { type NamedSet, setsPicture, type SetsPictureOptions } from './sets-picture';
export { judgedPicture, type JudgedPictureOptions, type WorstPatches, worstPatches } from './worst-patches';
// Tables and figures
export { experimentCost } from './experiment-cost';
export { catalogue, itemNamed, tablesOf } from './catalogue';
export { calibration } from './calibration';
export { fairness } from './fairness';
export { yardstick } from './yardstick';
export { fairnessRows, labelRobustRows, type RankedRow } from './fairness-rows';
export { table1 } from './diffusion-driven-selection/table-1';
export { table2 } from './diffusion-driven-selection/table-2';
export { table3 } from './diffusion-driven-selection/table-3';
export { table4 } from './diffusion-driven-selection/table-4';
export { table5 } from './diffusion-driven-selection/table-5';
export { table6 } from './diffusion-driven-selection/table-6';
export { table7 } from './diffusion-driven-selection/table-7';
export { table8 } from './diffusion-driven-selection/table-8';
export { table9 } from './diffusion-driven-selection/table-9';
export { figure4 } from './diffusion-driven-selection/figure-4';
export { figure5 } from './diffusion-driven-selection/figure-5';
export { figure6 } from './diffusion-driven-selection/figure-6';
export { figure7 } from './diffusion-driven-selection/figure-7';
export { figure8 } from './diffusion-driven-selection/figure-8';
export { figure9 } from './diffusion-driven-selection/figure-9';
export { figure10 } from './diffusion-driven-selection/figure-10';
export { figure11 } from './diffusion-driven-selection/figure-11';
export { figure12 } from './diffusion-driven-selection/figure-12';
export { figure13 } from './diffusion-driven-selection/figure-13';
export { figure14 } from './diffusion-driven-selection/figure-14';
export { memoryTable1 } from './self-adaptive-memory/memory-table-1';
export { memoryTable2 } from './self-adaptive-memory/memory-table-2';
export { memoryTable3 } from './self-adaptive-memory/memory-table-3';
export { memoryFigure3 } from './self-adaptive-memory/memory-figure-3';
export { memoryFigure4 } from './self-adaptive-memory/memory-figure-4';
export { memoryFigure1 } from './self-adaptive-memory/memory-figure-1';
export {
  evidenceByMethod,
  evidenceBySetting,
  type EvidenceRow,
  memoryEvidence,
} from './self-adaptive-memory/memory-evidence';
export { type Axes, type Cell, type Experiment, experiment, type PlaceOf, placesOf } from './experiment';
export { above, type Claim, close, highest, largerLead, type Verdict } from './claims';
export { type OpenOptions, openExperiment, openWhereThere } from './open-experiment';
// Figures and tables of another kind
export { type CatalogueItem, type Exhibit, isExhibit, type Made, type RowClaim } from './exhibit';
export { ExhibitResults, OpenedExhibit, openExhibit } from './open-exhibit';
// What comes out of tables
export { OpenedExperiment, type PlacedSet, type RunExperimentOptions } from './opened-experiment';
export { ExperimentResults } from './experiment-results';
export type { ExperimentRow } from './experiment-row';
export {
  type AsWritten,
  changedScale,
  type Scale,
  type ScaleChanges,
  type ScaleName,
  scaleOf,
  seedPairs,
} from './scales';
// Paper 001
export {
  type BoundClass,
  type BoundDistillation,
  bindDistillation,
  type DistillationSettings,
  distillationSettings,
} from './diffusion-driven-selection/bind';
export { type Diagnosis, diagnosisOf } from './diffusion-driven-selection/diagnosis';
export { scoredImagesOf } from './diffusion-driven-selection/maps';
export {
  type PriorShape,
  type SelectionCost,
  type SelectionCostOptions,
  selectionCost,
  selectionCostText,
  stableDiffusionShape,
} from './diffusion-driven-selection/cost';
// Paper 000
export { type BoundGeneration, bindGeneration, type GenerationSettings } from './self-adaptive-memory/bind';
export { type GenerationCost, generationCost, generationCostText } from './self-adaptive-memory/cost';
export { fineTuningsOf, type MemorySummary, type TermRow } from './self-adaptive-memory/inspect';
export { memoriesPicture, pathsAnimation, pathsPicture } from './self-adaptive-memory/plane/pictures';
export { type PlaneMethod, type PlanePlace, type PlaneRun, planeRuns } from './self-adaptive-memory/plane/runs';
// What experiments are made of
export { type DatasetDescription, datasetSchema, describeFolder, openDataset } from './datasets';
export { loadPrior } from './load-prior';
export { shippedTeacher } from './shipped-teacher';
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
export { type DistilCommandOptions, distilCommand } from './commands/distil';
export { type TrainPriorCommandOptions, trainPriorCommand } from './commands/train-prior';
