// Sweeps by the name that the command line calls them by
import type { Sweep } from '../../sweeps';
import { selectionAblation } from './selection';

export const sweeps: Readonly<Record<string, () => Sweep>> = {
  'selection-ablation': () => selectionAblation().sweep,
};

// What it costs, and the table
export { type AblationCommandOptions, ablationCommand } from './command';
export { fromScratch } from './from-scratch';
export { type AblationCost, type MeasureOptions, measureAblation, type ScratchCost } from './measure';
export { ablationReport } from './report';

// Shown while it runs
export { type LiveChart, type LiveChartOptions, liveChart } from './live';

// The ablation of paper 001's selection
export {
  type SelectionAblation,
  type SelectionAblationOptions,
  selectionAblation,
  selectionAblationDefaults,
  type SelectionQuality,
  selectionQuality,
  type SelectionSettings,
} from './selection';
